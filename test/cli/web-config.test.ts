import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, type CertificateAuthority } from '../support/certificates.ts'
import { runCommandLine } from '../support/command-line.ts'
import { fixture } from '../support/settings.ts'
import { guardedServer, HASH, webFolder, type GuardedServer } from '../web-config/guarded-server.ts'

const TLS = 'tls_server_config: { cert_file: cert.pem, key_file: key.pem'
const MUTUAL = `${TLS}, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert }\n`
const USERS = `basic_auth_users: { alice: ${HASH} }\n`
let authority: CertificateAuthority
let files: Record<string, string>

beforeAll(async () => {
  authority = await createAuthority()
  const [server, client] = [await authority.server(), await authority.client()]
  files = {
    'cert.pem': server.cert,
    'key.pem': server.key,
    'ca.pem': authority.cert,
    'client.pem': client.cert,
    'client.key': client.key,
    'alice.txt': 'open sesame\n',
  }
})

const serve = (config: string): Promise<GuardedServer> => guardedServer({ ...files, 'web.yaml': config })

describe('leanmesh check', () => {
  const check = (...args: string[]) => runCommandLine(['check', '--genesis', fixture('genesis'), ...args])

  test('says whom the HTTP server would answer', async () => {
    const { file } = await webFolder({ ...files, 'web.yaml': `${MUTUAL}${USERS}` })
    const { code, stdout } = await check('--web-config', file)
    expect(code).toBe(0)
    expect(stdout).toContain(
      'HTTP         https://127.0.0.1:9464/metrics\n  for        client certificates: RequireAndVerifyClientCert, users: 1',
    )
  })

  test('says what is wrong with the file, and where it was set', async () => {
    const { file } = await webFolder({ ...files, 'web.yaml': `${TLS}, ciphers: [] }\n` })
    const { code, stderr } = await check('--web-config', file)
    expect(code).toBe(2)
    expect(stderr).toContain(
      `web_config (--web-config): ${file}:1: there is no field "tls_server_config.ciphers". Use cert, key,`,
    )
  })

  test.each([
    ['key.pem', 'nothing', 'holds no private key. It has to be PEM without a passphrase.'],
    ['cert.pem', 'nothing', 'holds no certificate. It has to be PEM'],
    [
      'ca.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'holds no certificate. It has to be PEM',
    ],
    ['key.pem', undefined, 'key.pem: there is no such file.'],
    ['key.pem', 'client.key', 'is not the key of the certificate. Give the one that it was made with.'],
  ])('says what is wrong with %s when it holds %s', async (name, text, problem) => {
    const content = files[text ?? ''] ?? text
    const others = Object.fromEntries(Object.entries(files).filter(([other]) => other !== name))
    const { file, path } = await webFolder({
      ...others,
      ...(content !== undefined && { [name]: content }),
      'web.yaml': MUTUAL,
    })
    const { code, stderr } = await check('--web-config', file)
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
    expect(stderr).toContain(`${path}/${name}`)
  })

  test('warns of passwords that can be read on the way, but not on this machine', async () => {
    const { file } = await webFolder({ 'web.yaml': USERS })
    expect((await check('--web-config', file)).stderr).toBe('')
    expect((await check('--web-config', file, '--http-host', '0.0.0.0')).stderr).toContain(
      'it has users and no tls_server_config, so their passwords can be read on the way',
    )
  })
})

describe('leanmesh health', () => {
  test.each([
    ['TLS, client certificates and users', 'https', () => `${MUTUAL}${USERS}`],
    ['users alone', 'http', () => USERS],
  ])('needs neither password nor certificate with %s', async (_what, scheme, config) => {
    const { port, file } = await serve(config())
    expect(await runCommandLine(['health', '--http-port', `${port}`, '--web-config', file])).toEqual({
      code: 0,
      stdout: `${scheme}://127.0.0.1:${port}/healthz answers\n`,
      stderr: '',
    })
  })

  test('does not fail for a new version of the file that is bad', async () => {
    const { port, file, write } = await serve(MUTUAL)
    await write('web.yaml', 'nothing good')
    expect((await runCommandLine(['health', '--http-port', `${port}`, '--web-config', file])).code).toBe(0)
  })
})

describe('leanmesh explain', () => {
  test('shows a user, a password and a certificate', async () => {
    const { url, path } = await serve(`${MUTUAL}${USERS}`)
    const given = (names: Record<string, string>) =>
      Object.entries(names).flatMap(([flag, name]) => [`--${flag}`, `${path}/${name}`])
    const pair = given({ 'ca-file': 'ca.pem', 'cert-file': 'client.pem', 'key-file': 'client.key' })
    const user = ['--user', 'alice', ...given({ 'password-file': 'alice.txt' })]
    const explained = await runCommandLine(['explain', url, ...pair, ...user])
    expect(explained.stderr).toBe('')
    expect(explained.stdout).toContain('1. ')
    expect((await runCommandLine(['explain', url, ...pair])).stderr).toContain('HTTP 401')
    expect((await runCommandLine(['explain', url])).stderr).toContain(
      'has a certificate that is not trusted here (SELF_SIGNED_CERT_IN_CHAIN)',
    )
  })

  test('wants both of a pair', async () => {
    expect(await runCommandLine(['explain', 'https://127.0.0.1:1/', '--user', 'alice'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'leanmesh: --user and --password-file go together; --password-file is missing\n',
    })
  })
})
