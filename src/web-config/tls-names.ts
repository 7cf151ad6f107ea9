import type { SecureVersion } from 'node:tls'

/** The names of the format, which are Go's, and what OpenSSL calls them. OpenSSL refuses TLS 1.0 and 1.1 at its default security level. */
export const VERSIONS: Readonly<Record<string, SecureVersion>> = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' }

export const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
}

/** In the format a list of suites says nothing of TLS 1.3, whose suites are always on. */
export const TLS13_SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
] as const

const TLS12_SUITES = [
  ['AES_128_CBC_SHA', 'AES128-SHA'],
  ['AES_256_CBC_SHA', 'AES256-SHA'],
  ['AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305'],
] as const

/** The suites that Go calls secure, and so the format takes. */
export const SUITES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(TLS13_SUITES.map((name) => [name, name])),
  ...Object.fromEntries(
    ['ECDSA', 'RSA'].flatMap((key) =>
      TLS12_SUITES.map(([name, suite]) => [`TLS_ECDHE_${key}_WITH_${name}`, `ECDHE-${key}-${suite}`]),
    ),
  ),
}
