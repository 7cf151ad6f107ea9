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
    ['', '', 'the file is empty. Correct that file; `leanmesh check` reads it again.'],
    [
      'tls_server_config:\n\tcert_file: a\n',
      ':2',
      'this is not well-formed YAML: tab as indent. Correct that line; `leanmesh check` reads it again.',
    ],
  ])('says where %j is not YAML, and not that the path is wrong', async (text, line, problem) => {
    const { file } = await webFolder({ 'web.yaml': text })
    const { stderr } = await check('--web-config', file)
    expect(stderr).toContain(`web_config (--web-config): ${file}${line}: ${problem}\n`)
  })

  test('says which field names a file that is not there, and in which line', async () => {
    const { file, path } = await webFolder({ 'web.yaml': 'tls_server_config:\n  cert_file: nope.crt\n  key_file: a\n' })
    const { code, stderr } = await check('--web-config', file)
    expect(code).toBe(2)
    expect(stderr).toContain(
      `web_config (--web-config): ${file}:2: tls_server_config.cert_file: cannot read ${path}/nope.crt: ` +
        "there is no such file. Give the path of a PEM file, a relative one from the web config's folder.\n",
    )
  })

  test('says which field names a file that holds something else, and in which line', async () => {
    const { file, path } = await webFolder({
      ...files,
      'web.yaml': 'tls_server_config:\n  cert_file: cert.pem\n  key_file: client.key\n',
    })
    const { stderr } = await check('--web-config', file)
    expect(stderr).toContain(
      `${file}:3: tls_server_config.key_file ${path}/client.key is not the key of the certificate.`,
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

  test('names --web-config where it is not given and the sidecar speaks TLS', async () => {
    const { port } = await serve(MUTUAL)
    expect((await runCommandLine(['health', '--http-port', `${port}`])).stderr).toContain(
      'Flags given to it must be given here, --web-config too.',
    )
  })

  test('does not fail for a new version of the file that is bad', async () => {
    const { port, file, write } = await serve(MUTUAL)
    await write('web.yaml', 'nothing good')
    expect((await runCommandLine(['health', '--http-port', `${port}`, '--web-config', file])).code).toBe(0)
  })
})

describe('leanmesh conformance', () => {
  test('does not speak of options that it has not', async () => {
    const { url } = await serve(USERS)
    expect((await runCommandLine(['conformance', url])).stderr).toBe(
      'leanmesh: the answer is HTTP 401 and not 200; is the path /metrics missing?\n',
    )
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
    expect((await runCommandLine(['explain', url, ...pair])).stderr).toBe(
      'leanmesh: the answer is HTTP 401 and not 200: the sidecar asks for a user; give --user and --password-file\n',
    )
    expect((await runCommandLine(['explain', url, ...given({ 'ca-file': 'ca.pem' })])).stderr).toBe(
      'leanmesh: the answer is HTTP 403 and not 200: "a client certificate is needed"; give --cert-file and --key-file\n',
    )
    expect((await runCommandLine(['explain', url])).stderr).toMatch(
      /has a certificate that is not trusted here \(SELF_SIGNED_CERT_IN_CHAIN\); give its CA with --ca-file\n$/,
    )
  })

  test('says of a user, a certificate and a CA that were given that they are the wrong ones', async () => {
    const stranger = await createAuthority('CN=another CA')
    const { cert, key } = await stranger.client()
    const others = { 'other-ca.pem': stranger.cert, 'other.pem': cert, 'other.key': key, 'wrong.txt': 'open barley' }
    const { url, path } = await guardedServer({ ...files, ...others, 'web.yaml': `${MUTUAL}${USERS}` })
    const explain = async (given: string) =>
      (await runCommandLine(['explain', url, ...given.split(' ').map((word) => word.replace('./', `${path}/`))])).stderr
    const trusting = '--ca-file ./ca.pem'
    const known = `${trusting} --cert-file ./client.pem --key-file ./client.key`
    expect(await explain('--ca-file ./other-ca.pem')).toMatch(/; the one of --ca-file is not its CA\n$/)
    expect(await explain(`${trusting} --cert-file ./other.pem --key-file ./other.key`)).toContain(
      '403 and not 200: "the client certificate is not one of the CA that is trusted here, or it is not valid now"; give others as',
    )
    const wrong = `${known} --user alice --password-file ./wrong.txt`
    expect(await explain(wrong)).toContain('401 and not 200: the user or the password is wrong; correct --user')
    for (let tried = 1; tried < 10; tried++) await explain(wrong)
    expect(await explain(wrong)).toBe(
      'leanmesh: the answer is HTTP 429 and not 200: too many requests or wrong passwords; wait a little\n',
    )
  })

  test('says which name the certificate has not', async () => {
    const { cert, key } = await authority.server({ names: [{ type: 'dns', value: 'leanmesh' }] })
    const { url, path } = await guardedServer({ ...files, 'cert.pem': cert, 'key.pem': key, 'web.yaml': `${TLS} }\n` })
    expect((await runCommandLine(['explain', url, '--ca-file', `${path}/ca.pem`])).stderr).toMatch(
      /: the certificate has not the name 127\.0\.0\.1; ask by one of its names\n$/,
    )
  })

  test('asks whether it is https:// that is spoken where a request without it finds no answer', async () => {
    const { port } = await serve(MUTUAL)
    expect((await runCommandLine(['explain', `http://127.0.0.1:${port}/`])).stderr).toBe(
      `leanmesh: "127.0.0.1:${port}" hung up without an answer; does it speak https://?\n`,
    )
  })

  test('does not take a CA file without a certificate', async () => {
    const { path } = await webFolder(files)
    expect((await runCommandLine(['explain', 'https://127.0.0.1:1/', '--ca-file', `${path}/key.pem`])).stderr).toBe(
      `leanmesh: --ca-file ${path}/key.pem: holds no certificate; it has to be PEM\n`,
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
