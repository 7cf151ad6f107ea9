import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createAuthority, type CertificateAuthority, type Pem } from '../support/certificates.ts'
import { rawConnection } from '../http/admin-fixture.ts'
import { ask, guardedServer, type GuardedServer } from './guarded-server.ts'

let authority: CertificateAuthority
let server: Pem
const TLS = 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n'
const MUTUAL = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n`

beforeAll(async () => {
  authority = await createAuthority()
  server = await authority.server()
})

function serve(config: string, files: Record<string, string> = {}, maxConnections?: number): Promise<GuardedServer> {
  const all = {
    'web.yaml': config,
    'cert.pem': server.cert,
    'key.pem': server.key,
    'ca.pem': authority.cert,
    ...files,
  }
  return guardedServer(all, maxConnections)
}

async function secureConnection(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...options })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

describe('TLS', () => {
  test('is served, with the certificate of the file', async () => {
    const { url } = await serve(TLS)
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await ask(url, { ca: authority.cert })).toMatchObject({ status: 200, body: 'lean_gossip_mesh_peers 7\n' })
    await expect(ask(url)).rejects.toThrow(/unable to verify|self-signed/)
  })

  test('is 1.2 or later, and what is older counts as a failed handshake', async () => {
    const { port, web } = await serve(TLS)
    const versions = ['TLSv1.2', 'TLSv1.3'].map(async (maxVersion) =>
      (await secureConnection(port, { maxVersion })).getProtocol(),
    )
    expect(await Promise.all(versions)).toEqual(['TLSv1.2', 'TLSv1.3'])
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(secureConnection(port, old)).rejects.toThrow(/alert protocol version/)
    await expect.poll(() => web.refusals().handshake).toBe(1)
  })

  test('keeps to the versions, suites and curves of the file', async () => {
    const suites =
      '  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n'
    const { port } = await serve(`${TLS}${suites}`)
    const socket = await secureConnection(port)
    expect([socket.getProtocol(), socket.getCipher().name]).toEqual(['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'])
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' })
    await expect(secureConnection(port, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow(
      /handshake failure/,
    )
    const tls13 = await serve(`${TLS}  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n`)
    expect((await secureConnection(tls13.port)).getProtocol()).toBe('TLSv1.3')
  })

  test('does not answer who speaks plain HTTP', async () => {
    const { port, url, web } = await serve(TLS)
    const { socket, text } = await rawConnection(port)
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await text).toBe('')
    await expect.poll(() => web.refusals().handshake).toBe(1)
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
  })

  test('counts a connection that has not shaken hands as one of them', async () => {
    const { port, server } = await serve(TLS, {}, 1)
    await rawConnection(port)
    await expect(secureConnection(port)).rejects.toThrow(/disconnected|ECONNRESET/)
    expect(server.droppedConnections).toBe(1)
  })

  test('does not keep a stop waiting for a handshake that does not come', async () => {
    const { port, server } = await serve(TLS)
    const { text } = await rawConnection(port)
    const startedAt = performance.now()
    await server.stop()
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(await text).toBe('')
  })
})

describe('client certificates', () => {
  test('of the CA may ask, others are told what is missing', async () => {
    const { url, web } = await serve(MUTUAL)
    const stranger = await (await createAuthority('CN=another CA')).client()
    const expired = await authority.client({ hours: -1 })
    const ca = authority.cert
    expect(await ask(url, { ca, ...(await authority.client()) })).toMatchObject({ status: 200 })
    expect(await ask(url, { ca })).toMatchObject({ status: 403, body: 'a client certificate is needed\n' })
    for (const certificate of [stranger, expired])
      expect(await ask(url, { ca, ...certificate })).toMatchObject({
        status: 403,
        body: 'the client certificate is not one of the CA that is trusted here, or it is not valid now\n',
      })
    expect(web.refusals().client_certificate).toBe(3)
  })

  test('of a server are none of a client', async () => {
    const { url } = await serve(MUTUAL)
    expect((await ask(url, { ca: authority.cert, ...server })).status).toBe(403)
  })

  test.each(['', 'v1/mesh', 'v1/companion', 'metrics', 'no-such-page'])(
    'are asked for everywhere else: /%s',
    async (path) => {
      const { url } = await serve(MUTUAL)
      expect((await ask(url, { ca: authority.cert, path })).status).toBe(403)
    },
  )

  test('are not asked for where a probe looks', async () => {
    const { url } = await serve(MUTUAL)
    expect(await ask(url, { ca: authority.cert, path: 'healthz' })).toMatchObject({ status: 200, body: 'ok\n' })
    expect((await ask(url, { ca: authority.cert, path: 'readyz' })).status).toBe(200)
    expect((await ask(url, { ca: authority.cert, path: 'healthz/' })).status).toBe(403)
  })

  test('must have a name that is allowed, of whatever kind', async () => {
    const names = ['scraper.example', '10.0.0.9', 'spiffe://cluster/scraper', 'ops@example.org', 'a,b']
    const { url } = await serve(`${MUTUAL}  client_allowed_sans: ${JSON.stringify(names)}\n`)
    const statusOf = async (type: 'dns' | 'ip' | 'url' | 'email', value: string) =>
      (await ask(url, { ca: authority.cert, ...(await authority.client({ names: [{ type, value }] })) })).status
    expect(await statusOf('dns', 'scraper.example')).toBe(200)
    expect(await statusOf('ip', '10.0.0.9')).toBe(200)
    expect(await statusOf('url', 'spiffe://cluster/scraper')).toBe(200)
    expect(await statusOf('email', 'ops@example.org')).toBe(200)
    expect(await statusOf('dns', 'a,b')).toBe(200)
    expect(await statusOf('dns', 'other.example')).toBe(403)
    // One name that reads like two.
    expect(await statusOf('dns', 'other.example, DNS:scraper.example')).toBe(403)
  })

  test.each([
    ['RequestClientCert', '', 200, 200],
    ['RequireAnyClientCert', '', 403, 200],
    ['VerifyClientCertIfGiven', '  client_ca_file: ca.pem\n', 200, 403],
  ])('with %s: without one, and with one of another CA', async (policy, ca, without, withStranger) => {
    const { url } = await serve(`${TLS}  client_auth_type: ${policy}\n${ca}`)
    const stranger = await (await createAuthority('CN=another CA')).client()
    expect((await ask(url, { ca: authority.cert })).status).toBe(without)
    expect((await ask(url, { ca: authority.cert, ...stranger })).status).toBe(withStranger)
  })
})

describe('a change', () => {
  test('of the certificate counts for the next connection', async () => {
    const { url, write, lines } = await serve(TLS)
    const next = await createAuthority('CN=next CA')
    const renewed = await next.server()
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
    await write('key.pem', renewed.key)
    // Half of it is there: the old pair stays.
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
    await write('cert.pem', renewed.cert)
    expect((await ask(url, { ca: next.cert })).status).toBe(200)
    await expect(ask(url, { ca: authority.cert })).rejects.toThrow(/unable to verify/)
    expect(lines.map((line) => line.split(' {')[0])).toEqual([
      expect.stringMatching(
        /^warn the web config is bad, so the last good one stays: .*key_file .*key\.pem is not the key of the certificate/,
      ),
      'info the web config is read again',
    ])
  })

  test('ends connections that were made before it, at their next request', async () => {
    const { url, port, write } = await serve(MUTUAL)
    const client = await authority.client()
    const kept = await secureConnection(port, client)
    kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(kept, 'data')
    await write('ca.pem', (await createAuthority('CN=next CA')).cert)
    kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    const data: Buffer[] = []
    kept.on('data', (chunk: Buffer) => data.push(chunk)).on('error', () => undefined)
    await once(kept, 'close')
    expect(Buffer.concat(data).toString()).toBe('')
    expect((await ask(url, { ca: authority.cert, ...client })).status).toBe(403)
  })

  test('of the client CA counts for a session that a client resumes', async () => {
    const { port, write } = await serve(MUTUAL)
    const client = await authority.client()
    const first = await secureConnection(port, { ...client, maxVersion: 'TLSv1.2' })
    const session = first.getSession()
    await write('ca.pem', (await createAuthority('CN=next CA')).cert)
    const again = await secureConnection(port, { ...client, session, maxVersion: 'TLSv1.2' })
    expect(again.isSessionReused()).toBe(false)
    again.write('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [data] = (await once(again, 'data')) as [Buffer]
    expect(data.toString()).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('may ask for client certificates that were not asked for', async () => {
    const { url, write } = await serve(TLS)
    const client = await authority.client()
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
    await write('web.yaml', MUTUAL)
    expect((await ask(url, { ca: authority.cert })).status).toBe(403)
    expect((await ask(url, { ca: authority.cert, ...client })).status).toBe(200)
    await write('web.yaml', TLS)
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
  })

  test('between HTTP and HTTPS waits for a restart, and says so', async () => {
    const { url, write, web } = await serve(TLS)
    await write('web.yaml', 'http_server_config: { headers: { X-Frame-Options: deny } }')
    expect((await ask(url, { ca: authority.cert })).status).toBe(200)
    expect(() => web.refresher.refresh(AbortSignal.timeout(1000))).toThrow(
      /has no tls_server_config any more; restart the sidecar/,
    )
  })
})
