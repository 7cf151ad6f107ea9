/** Certificates of a CA that lives as long as the test. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
  type JsonGeneralNames,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const HOUR_MS = 3_600_000

export interface Pem {
  cert: string
  key: string
}

export interface LeafOptions {
  names?: JsonGeneralNames
  /** Of its validity, from now; negative: it has expired. */
  hours?: number
}

export interface CertificateAuthority {
  cert: string
  server(options?: LeafOptions): Promise<Pem>
  client(options?: LeafOptions): Promise<Pem>
}

const LOOPBACK: JsonGeneralNames = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' },
]
let serial = 0

cryptoProvider.set(webcrypto)

export async function createAuthority(name = 'CN=leanmesh test CA'): Promise<CertificateAuthority> {
  const keys = await newKeys()
  const extensions = [new BasicConstraintsExtension(true, 0, true)]
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity(1),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions,
  })
  const issue =
    (usage: ExtendedKeyUsage, names: JsonGeneralNames) =>
    (options: LeafOptions = {}) =>
      issueLeaf(ca, keys.privateKey, usage, { names, ...options })
  return {
    cert: ca.toString('pem'),
    server: issue(ExtendedKeyUsage.serverAuth, LOOPBACK),
    client: issue(ExtendedKeyUsage.clientAuth, [{ type: 'dns', value: 'scraper.example' }]),
  }
}

async function issueLeaf(
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  usage: ExtendedKeyUsage,
  { names = [], hours = 1 }: LeafOptions,
): Promise<Pem> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.create({
    ...validity(hours),
    subject: 'CN=leanmesh test',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [new ExtendedKeyUsageExtension([usage]), new SubjectAlternativeNameExtension(names)],
  })
  return { cert: certificate.toString('pem'), key: await pemKey(keys.privateKey) }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

function validity(hours: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  serial += 1
  const now = Date.now()
  return {
    serialNumber: serial.toString(16).padStart(4, '0'),
    notBefore: new Date(now - 2 * HOUR_MS),
    notAfter: new Date(now + hours * HOUR_MS),
  }
}
