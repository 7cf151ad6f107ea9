import { describe, expect, test } from 'vitest'
import { FileError } from '../../src/genesis/yaml-document.ts'
import { parseWebConfig } from '../../src/web-config/web-config.ts'
import { HASH } from './guarded-server.ts'

const parse = (text: string) => parseWebConfig(text, '/etc/leanmesh/web.yaml')
const TLS = 'tls_server_config:\n  cert_file: tls/cert.pem\n  key_file: /keys/key.pem\n'

/** What is wrong, each without the path of the file. */
function problemsOf(text: string): string[] {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof FileError) return error.problems.map((problem) => problem.replace('/etc/leanmesh/', ''))
    throw error
  }
  return []
}

describe('a web config', () => {
  test('has paths from the folder that it is in', () => {
    expect(parse(TLS).tls).toMatchObject({
      cert: { file: '/etc/leanmesh/tls/cert.pem' },
      key: { file: '/keys/key.pem' },
    })
  })

  test('may hold the PEM texts themselves', () => {
    const { tls } = parse(
      'tls_server_config: { cert: C, key: K, client_ca: A, client_auth_type: RequireAndVerifyClientCert }',
    )
    expect(tls).toMatchObject({ cert: { text: 'C' }, key: { text: 'K' }, clientCa: { text: 'A' } })
  })

  test('means TLS 1.2 at least, whatever Node is told elsewhere', () => {
    expect(parse(TLS).tls).toMatchObject({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', clientAuth: 'NoClientCert' })
  })

  test("names suites and curves as Go does, and OpenSSL's suites of TLS 1.3 stay", () => {
    const suites =
      '  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP384, X25519]\n'
    const { tls } = parse(`${TLS}${suites}`)
    expect(tls?.ciphers).toMatch(/^TLS_AES_128_GCM_SHA256:.*:ECDHE-RSA-AES128-GCM-SHA256$/)
    expect(tls?.curves).toBe('P-384:X25519')
    expect(parse(`${TLS}${suites}  max_version: TLS12\n`).tls?.ciphers).toBe('ECDHE-RSA-AES128-GCM-SHA256')
  })

  test('may know an older name of a policy, and a preference that others ignore', () => {
    const { tls } = parse(`${TLS}  client_auth_type: RequireClientCert\n  prefer_server_cipher_suites: false\n`)
    expect(tls).toMatchObject({ clientAuth: 'RequireAnyClientCert', honorCipherOrder: false })
  })

  test('has users, headers and a rate', () => {
    const text = `basic_auth_users: { alice: ${HASH} }\nhttp_server_config: { http2: false, headers: { X-Frame-Options: deny } }\nrate_limit: { interval: 500ms, burst: 3 }\n`
    expect(parse(text)).toEqual({
      tls: undefined,
      users: new Map([['alice', HASH]]),
      headers: new Map([['X-Frame-Options', 'deny']]),
      rateLimit: { intervalMs: 500, burst: 3 },
    })
  })

  test('without a value is as if it were not there', () => {
    expect(parse('basic_auth_users:\nrate_limit: { interval: 0 }\ntls_server_config:\n')).toMatchObject({
      tls: undefined,
      rateLimit: undefined,
      users: new Map(),
    })
  })
})

describe('a web config that is wrong', () => {
  test.each<[string, string, string]>([
    [
      'an unknown section',
      'tls_config: {}',
      'web.yaml:1: there is no field "tls_config"; use tls_server_config, http_server_config, basic_auth_users, rate_limit',
    ],
    [
      'an unknown field',
      `${TLS}  certfile: a`,
      'web.yaml:4: there is no field "tls_server_config.certfile"; use cert, key,',
    ],
    [
      'a field twice',
      `${TLS}  key_file: b`,
      'web.yaml:4: "tls_server_config.key_file" stands there twice; keep one of the two',
    ],
    [
      'no key',
      'tls_server_config: { cert_file: a }',
      'tls_server_config.key_file is missing; set it to the path of a PEM file',
    ],
    [
      'a certificate twice',
      `${TLS}  cert: a`,
      'web.yaml:4: tls_server_config.cert is there beside cert_file; keep one of the two',
    ],
    [
      'HTTP/2, which is not spoken',
      'http_server_config: { http2: true }',
      'http_server_config.http2 is true, and this server speaks HTTP/1.1; leave it out',
    ],
    [
      'TLS 1.1, which is not spoken',
      `${TLS}  min_version: TLS11`,
      'web.yaml:4: tls_server_config.min_version is "TLS11", which this server does not speak; use TLS12 or TLS13',
    ],
    ['no version', `${TLS}  max_version: "1.3"`, 'max_version is "1.3", which is no TLS version; use TLS12 or TLS13'],
    [
      'versions the wrong way round',
      `${TLS}  min_version: TLS13\n  max_version: TLS12`,
      'min_version is above max_version',
    ],
    [
      'a suite that is not known',
      `${TLS}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]`,
      'cipher_suites has "TLS_RSA_WITH_RC4_128_SHA"; use TLS_AES_128_GCM_SHA256',
    ],
    [
      'a curve that is not known',
      `${TLS}  curve_preferences: [P256]`,
      'curve_preferences has "P256"; use CurveP256, CurveP384, CurveP521, X25519',
    ],
    [
      'a policy that is not known',
      `${TLS}  client_auth_type: Maybe`,
      'client_auth_type is "Maybe"; use NoClientCert, RequestClientCert',
    ],
    [
      'a policy without its CA',
      `${TLS}  client_auth_type: RequireAndVerifyClientCert`,
      'RequireAndVerifyClientCert needs the CA of the clients; set client_ca_file',
    ],
    [
      'a CA without its policy',
      `${TLS}  client_ca_file: ca.pem`,
      'does not look at the CA of the clients; use RequireAndVerifyClientCert',
    ],
    [
      'names that nobody verifies',
      `${TLS}  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]`,
      'client_allowed_sans is of no use without verification',
    ],
    [
      'a header that is not of the format',
      'http_server_config: { headers: { X-Powered-By: me } }',
      'there is no field "http_server_config.headers.X-Powered-By"; use Content-Security-Policy,',
    ],
    [
      'a value that a header has not',
      'http_server_config: { headers: { X-Frame-Options: allow } }',
      'X-Frame-Options is "allow"; use deny or sameorigin',
    ],
    [
      'a header of two lines',
      'http_server_config: { headers: { X-XSS-Protection: "0\\nSet-Cookie: a" } }',
      'X-XSS-Protection cannot be sent in a header',
    ],
    [
      'a name with a colon',
      `basic_auth_users: { "a:b": ${HASH} }`,
      'cannot be the name of a user; use one without a colon',
    ],
    [
      'a hash that takes seconds',
      `basic_auth_users: { a: ${HASH.replace('$04$', '$15$')} }`,
      'basic_auth_users.a has a bcrypt hash of cost 15, seconds for each check; use at most 14',
    ],
    [
      'a duration without a unit',
      'rate_limit: { interval: 5, burst: 1 }',
      'rate_limit.interval is "5", which is no duration; use 1s, 500ms or 0',
    ],
    [
      'a burst of nothing',
      'rate_limit: { interval: 1s }',
      'burst is 0, so every request would be refused; use 1 or more',
    ],
    ['a list instead of a mapping', '[a]', 'web.yaml:1: the file is not a mapping'],
    ['a text instead of a section', 'rate_limit: none', 'rate_limit is not a mapping'],
    ['a mapping instead of a text', 'rate_limit: { interval: { a: b } }', 'rate_limit.interval is not a text'],
    ['nothing at all', '', 'web.yaml: the file is empty'],
  ])('says so with the line and what would be right: %s', (_what, text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem)
  })

  test('says everything at once', () => {
    expect(problemsOf('tls_server_config: { min_version: TLS9 }\nrate_limit: { interval: soon }')).toHaveLength(4)
  })

  test('keeps to itself what may be a password', () => {
    const [problem] = problemsOf('basic_auth_users: { alice: correct-horse }')
    expect(problem).toMatch(/basic_auth_users\.alice has no bcrypt hash; make one with `htpasswd/)
    expect(problem).not.toContain('horse')
  })

  test('keeps to itself a key that stands where its path belongs', () => {
    const problems = problemsOf(`${TLS}  client_ca_file: |\n    -----BEGIN PRIVATE KEY-----\n    c2VjcmV0\n`)
    expect(problems[0]).toBe(
      'web.yaml:4: tls_server_config.client_ca_file holds PEM text and not the path of a file; use client_ca for the text',
    )
    expect(problems.join()).not.toContain('c2Vjc')
  })

  test('has at most 100 users', () => {
    const users = Array.from({ length: 101 }, (_, index) => `  user-${index}: ${HASH}\n`).join('')
    expect(problemsOf(`basic_auth_users:\n${users}`)).toEqual([
      'web.yaml:102: basic_auth_users.user-100 is one user too many; have at most 100',
    ])
  })
})
