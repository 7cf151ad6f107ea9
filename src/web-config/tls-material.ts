import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { errorText } from '../errors.ts'
import { FileError } from '../genesis/yaml-document.ts'
import type { PemSource, TlsSection } from './tls-section.ts'

/** What a TLS server is made with. */
export interface TlsMaterial {
  context: SecureContextOptions
  /** Whether clients are asked for a certificate. */
  requestCert: boolean
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/**
 * What the section means, its files read.
 *
 * @param read gives the text of a file; what it throws is passed on
 * @throws FileError when certificates and keys are not what they should be
 */
export function tlsMaterial(section: TlsSection, path: string, read: (file: string) => string): TlsMaterial {
  const text = (source: PemSource) => ('file' in source ? read(source.file) : source.text)
  const nameOf = (source: PemSource) => ('file' in source ? `${source.name} ${errorText(source.file)}` : source.name)
  const refuse = (source: PemSource, wrong: string) =>
    new FileError([`${errorText(path)}: tls_server_config.${nameOf(source)} ${wrong}`])
  const certificates = (source: PemSource, pem: string): X509Certificate[] => {
    try {
      const blocks = pem.match(BLOCK) ?? []
      if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block))
    } catch {
      // Said below.
    }
    throw refuse(source, 'holds no certificate; it has to be PEM, "-----BEGIN CERTIFICATE-----"')
  }
  const cert = text(section.cert)
  const key = text(section.key)
  const [leaf] = certificates(section.cert, cert)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(key)
  } catch {
    throw refuse(section.key, 'holds no private key; it has to be PEM without a passphrase')
  }
  if (leaf?.checkPrivateKey(privateKey) !== true)
    throw refuse(section.key, 'is not the key of the certificate; give the one that it was made with')
  const ca = section.clientCa && text(section.clientCa)
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
