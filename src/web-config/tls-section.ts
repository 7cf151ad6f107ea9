import type { SecureVersion } from 'node:tls'
import { CURVES, SUITES, TLS13_SUITES, VERSIONS } from './tls-names.ts'
import { type Fields, shown } from './yaml-fields.ts'

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number]

/** PEM text, or the path of a file with it, and for messages the field that says so and its `<path>:<line>`. */
export type PemSource = { field: string; at: string } & ({ text: string } | { file: string })

/** `tls_server_config`, its files not read. */
export interface TlsSection {
  cert: PemSource
  key: PemSource
  clientCa: PemSource | undefined
  clientAuth: ClientAuthType
  /** A client's certificate must have one of them. Empty: any. */
  allowedSans: readonly string[]
  minVersion: SecureVersion
  maxVersion: SecureVersion
  /** OpenSSL's list. Absent: Node's own. */
  ciphers: string | undefined
  curves: string | undefined
  honorCipherOrder: boolean
}

export const TLS_KEYS = [
  'cert',
  'key',
  'client_ca',
  'cert_file',
  'key_file',
  'client_auth_type',
  'client_ca_file',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'prefer_server_cipher_suites',
  'curve_preferences',
] as const

/** An older name of the format. */
const RENAMED: Readonly<Record<string, ClientAuthType>> = { RequireClientCert: 'RequireAnyClientCert' }
/** A message shows the path of a file, which a key in its place must not become. */
const PEM_START = '-----BEGIN'
const NO_PEM: PemSource = { field: '', at: '', text: '' }

function isVerifying(type: ClientAuthType): boolean {
  return type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert'
}

/** @param resolve gives the path that a relative path of the file means */
export function readTlsSection(fields: Fields, resolve: (path: string) => string): TlsSection {
  const minVersion = version(fields, 'min_version') ?? 'TLSv1.2'
  const maxVersion = version(fields, 'max_version') ?? 'TLSv1.3'
  if (minVersion > maxVersion) fields.refuse('min_version', 'is above max_version; use TLS12 and TLS13')
  const clientAuth = clientAuthType(fields)
  const clientCa = pem(fields, 'client_ca', resolve)
  const allowedSans = fields.list('client_allowed_sans')
  if (isVerifying(clientAuth) && clientCa === undefined)
    fields.refuse('client_auth_type', `${clientAuth} needs the CA of the clients; set client_ca_file`)
  if (!isVerifying(clientAuth) && clientCa !== undefined)
    fields.refuse('client_auth_type', 'does not look at the CA of the clients; use RequireAndVerifyClientCert')
  if (!isVerifying(clientAuth) && allowedSans.length > 0)
    fields.refuse(
      'client_allowed_sans',
      'is of no use without verification; set client_auth_type: RequireAndVerifyClientCert',
    )
  return {
    cert: needed(fields, 'cert', resolve),
    key: needed(fields, 'key', resolve),
    clientCa,
    clientAuth,
    allowedSans,
    minVersion,
    maxVersion,
    ciphers: ciphers(fields, maxVersion),
    curves: translated(fields, 'curve_preferences', CURVES)?.join(':'),
    honorCipherOrder: fields.flag('prefer_server_cipher_suites') ?? true,
  }
}

function pem(fields: Fields, key: string, resolve: (path: string) => string): PemSource | undefined {
  const text = fields.text(key)
  const file = fields.text(`${key}_file`)
  if (text !== undefined && file !== undefined) fields.refuse(key, `is there beside ${key}_file; keep one of the two`)
  if (file?.includes(PEM_START) === true) {
    fields.refuse(`${key}_file`, `holds PEM text and not the path of a file; use ${key} for the text`)
    return NO_PEM
  }
  const of = (field: string) => ({ field: `tls_server_config.${field}`, at: fields.at(field) })
  if (file !== undefined) return { ...of(`${key}_file`), file: resolve(file) }
  return text === undefined ? undefined : { ...of(key), text }
}

function needed(fields: Fields, key: string, resolve: (path: string) => string): PemSource {
  const found = pem(fields, key, resolve)
  if (found === undefined) fields.refuse(`${key}_file`, 'is missing; set it to the path of a PEM file')
  return found ?? NO_PEM
}

function version(fields: Fields, key: string): SecureVersion | undefined {
  const name = fields.text(key)
  if (name === undefined || Object.hasOwn(VERSIONS, name)) return VERSIONS[name ?? '']
  const isOld = name === 'TLS10' || name === 'TLS11'
  fields.refuse(
    key,
    `is ${shown(name)}, which ${isOld ? 'this server does not speak' : 'is no TLS version'}; use TLS12 or TLS13`,
  )
  return undefined
}

function clientAuthType(fields: Fields): ClientAuthType {
  const given = fields.text('client_auth_type') ?? 'NoClientCert'
  const type = CLIENT_AUTH_TYPES.find((name) => name === (RENAMED[given] ?? given))
  if (type === undefined) fields.refuse('client_auth_type', `is ${shown(given)}; use ${CLIENT_AUTH_TYPES.join(', ')}`)
  return type ?? 'NoClientCert'
}

/** What OpenSSL calls the values of a list. Absent without any. */
function translated(fields: Fields, key: string, names: Readonly<Record<string, string>>): string[] | undefined {
  const values = fields.list(key)
  const unknown = values.filter((value) => !Object.hasOwn(names, value))
  if (unknown.length > 0) {
    fields.refuse(key, `has ${unknown.slice(0, 3).map(shown).join(', ')}; use ${Object.keys(names).join(', ')}`)
  }
  const known = values.flatMap((value) => (Object.hasOwn(names, value) ? [names[value] ?? ''] : []))
  return known.length === 0 ? undefined : known
}

function ciphers(fields: Fields, maxVersion: SecureVersion): string | undefined {
  const suites = translated(fields, 'cipher_suites', SUITES)
  if (suites === undefined) return undefined
  const all = new Set([...(maxVersion === 'TLSv1.3' ? TLS13_SUITES : []), ...suites])
  return [...all].join(':')
}
