import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { errorText, LeanmeshError } from '../errors.ts'
import { FileError } from '../genesis/yaml-document.ts'
import type { PemSource, TlsSection } from './tls-section.ts'

/** What a TLS server is made with. */
export interface TlsMaterial {
  context: SecureContextOptions
  /** Whether clients are asked for a certificate. */
  requestCert: boolean
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates of a PEM text; none when one of them is damaged. */
export function certificatesOf(pem: string): X509Certificate[] {
  try {
    return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}

/**
 * What the section means, its files read.
 *
 * @param read gives the text of a file
 * @throws FileError when a file cannot be read, or certificates and keys are not what they should be
 */
export function tlsMaterial(section: TlsSection, path: string, read: (file: string) => string): TlsMaterial {
  const cert = textOf(section.cert, read)
  const key = textOf(section.key, read)
  const [leaf] = certificates(section.cert, cert)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(key)
  } catch {
    throw refuse(section.key, 'holds no private key; it has to be PEM without a passphrase')
  }
  if (leaf?.checkPrivateKey(privateKey) !== true)
    throw refuse(section.key, 'is not the key of the certificate; give the one that it was made with')
  const ca = section.clientCa && textOf(section.clientCa, read)
  if (section.clientCa && ca !== undefined) certificates(section.clientCa, ca)
  const context = contextOptions(section, { cert, key, ca })
  try {
    createSecureContext(context)
  } catch (error) {
    throw new FileError([
      `${errorText(path)}: tls_server_config cannot be used (${errorText(error)}); try it without cipher_suites and curve_preferences`,
    ])
  }
  return { context, requestCert: section.clientAuth !== 'NoClientCert' }
}

function textOf(source: PemSource, read: (file: string) => string): string {
  if ('text' in source) return source.text
  try {
    return read(source.file)
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    const right = "give the path of a PEM file, a relative one from the web config's folder"
    throw new FileError([`${source.at}: ${source.field}: ${error.message}; ${right}`])
  }
}

function refuse(source: PemSource, wrong: string): FileError {
  const file = 'file' in source ? ` ${errorText(source.file)}` : ''
  return new FileError([`${source.at}: ${source.field}${file} ${wrong}`])
}

function certificates(source: PemSource, pem: string): X509Certificate[] {
  const found = certificatesOf(pem)
  if (found.length === 0) throw refuse(source, 'holds no certificate; it has to be PEM, "-----BEGIN CERTIFICATE-----"')
  return found
}

function contextOptions(
  section: TlsSection,
  pem: { cert: string; key: string; ca: string | undefined },
): SecureContextOptions {
  const { minVersion, maxVersion, ciphers, curves, honorCipherOrder } = section
  return {
    cert: pem.cert,
    key: pem.key,
    ...(pem.ca !== undefined && { ca: pem.ca }),
    minVersion,
    maxVersion,
    honorCipherOrder,
    ...(ciphers !== undefined && { ciphers }),
    ...(curves !== undefined && { ecdhCurve: curves }),
  }
}
