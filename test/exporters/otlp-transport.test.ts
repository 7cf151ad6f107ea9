import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { OTLP_FAILURES } from '../../src/exporters/otlp-failure.ts'
import { createOtlpTransport, type OtlpTransportOptions } from '../../src/exporters/otlp-transport.ts'
import { OTLP_FAILURE_REASONS } from '../../src/metrics/sidecar-rows.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { fixture } from '../support/settings.ts'

const pem = (name: string) => readFileSync(fixture('tls', name), 'utf8')
const receiverTls = { key: pem('receiver.key'), cert: pem('receiver.pem') }
const never = new AbortController().signal

async function send(url: string, options: Partial<OtlpTransportOptions> = {}, signal = never) {
  const defaults = { url, headers: {}, compression: 'none', timeoutMs: 5000, userAgent: 'leanmesh/test' } as const
  return createOtlpTransport({ ...defaults, ...options }).send(new Uint8Array(), signal)
}

test('the catalogue has every reason that a push can fail for', () => {
  expect(OTLP_FAILURE_REASONS).toEqual(OTLP_FAILURES)
})

test('a request has the configured headers, but its content type is its own', async () => {
  await using receiver = await startOtlpReceiver()
  expect(await send(receiver.url, { headers: { 'api-key': 'secret', 'content-type': 'text/plain' } })).toEqual({
    ok: true,
  })
  expect(receiver.received[0]).toMatchObject({
    url: '/v1/metrics',
    headers: { 'api-key': 'secret', 'content-type': 'application/x-protobuf', 'user-agent': 'leanmesh/test' },
  })
})

test.each([
  [301, 'rejected', false],
  [400, 'rejected', false],
  [401, 'rejected', false],
  [413, 'rejected', false],
  [429, 'throttled', true],
  [500, 'server_error', false],
  [502, 'server_error', true],
  [503, 'throttled', true],
  [504, 'server_error', true],
])('HTTP %i is a failure for the reason %s, worth an early retry: %s', async (status, reason, isRetryable) => {
  await using receiver = await startOtlpReceiver({
    answer: (response) => response.writeHead(status, { location: '/elsewhere' }).end('what the receiver says'),
  })
  expect(await send(receiver.url)).toEqual({ ok: false, reason, detail: `HTTP ${status}`, isRetryable })
  expect(receiver.received).toHaveLength(1)
})

test.each([
  ['7', 7000],
  ['99999', 300_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s is a wait of %s ms', async (retryAfter, retryAfterMs) => {
  await using receiver = await startOtlpReceiver({
    answer: (response) => response.writeHead(429, { 'retry-after': retryAfter }).end(),
  })
  const outcome = await send(receiver.url)
  expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs)
})

test('points that the receiver refused are a failure that is not repeated', async () => {
  // partial_success { rejected_data_points: 3 }
  await using receiver = await startOtlpReceiver({ answer: (response) => response.end(Buffer.from([10, 2, 8, 3])) })
  expect(await send(receiver.url)).toMatchObject({ reason: 'partial', detail: '3 data points were refused' })
})

test('an answer that is not protobuf, or longer than any, is a success when its status says so', async () => {
  await using html = await startOtlpReceiver({ answer: (response) => response.end('<html>taken</html>') })
  await using long = await startOtlpReceiver({ answer: (response) => response.end(Buffer.alloc(1_000_000)) })
  expect(await send(html.url)).toEqual({ ok: true })
  expect(await send(long.url)).toEqual({ ok: true })
})

test('an answer without end is a success once more of it came than any receiver has to say', async () => {
  await using receiver = await startOtlpReceiver({
    answer: (response) => {
      const more = () =>
        void (response.write(new Uint8Array(16 * 1024)) ? setImmediate(more) : response.once('drain', more))
      response.on('error', () => undefined).writeHead(200)
      more()
    },
  })
  expect(await send(receiver.url)).toEqual({ ok: true })
})

test('an endpoint where nobody listens is unreachable', async () => {
  const { url, [Symbol.asyncDispose]: close } = await startOtlpReceiver()
  await close()
  expect(await send(url)).toMatchObject({ reason: 'unreachable', detail: 'ECONNREFUSED', isRetryable: true })
})

test('a receiver that hangs up is unreachable', async () => {
  await using receiver = await startOtlpReceiver({ answer: (response) => response.destroy() })
  expect(await send(receiver.url)).toMatchObject({ reason: 'unreachable', isRetryable: true })
})

test('a receiver that does not answer, or not to the end, is a timeout', async () => {
  await using silent = await startOtlpReceiver({ answer: () => {} })
  await using slow = await startOtlpReceiver({ answer: (response) => response.write('…') })
  const timeout = { ok: false, reason: 'timeout', isRetryable: true }
  expect(await send(silent.url, { timeoutMs: 50 })).toMatchObject(timeout)
  expect(await send(slow.url, { timeoutMs: 50 })).toMatchObject(timeout)
})

test('a push ends when it is told to', async () => {
  const controller = new AbortController()
  await using silent = await startOtlpReceiver({ answer: () => controller.abort() })
  expect(await send(silent.url, {}, controller.signal)).toMatchObject({ ok: false, reason: 'timeout' })
})

test('a receiver whose certificate nobody vouches for is a TLS failure', async () => {
  await using receiver = await startOtlpReceiver({ tls: receiverTls })
  expect(await send(receiver.url)).toMatchObject({ reason: 'tls', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(receiver.received).toEqual([])
})

test('https to a receiver that speaks http is a TLS failure', async () => {
  await using receiver = await startOtlpReceiver()
  expect(await send(receiver.url.replace('http:', 'https:'))).toMatchObject({ reason: 'tls' })
})

test('what answers in another protocol is a failure for another reason', async () => {
  const server = createServer((socket) => socket.end('220 mail.test ESMTP\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ ok: false, reason: 'other' })
  server.close()
})

test('a configured certificate vouches for the receiver', async () => {
  await using receiver = await startOtlpReceiver({ tls: receiverTls })
  expect(await send(receiver.url, { tls: { ca: receiverTls.cert } })).toEqual({ ok: true })
})

test('a receiver that asks for a client certificate takes the configured one, and nothing without it', async () => {
  const tls = { ...receiverTls, requestCert: true, rejectUnauthorized: true, ca: pem('sender.pem') }
  await using receiver = await startOtlpReceiver({ tls })
  const client = { cert: pem('sender.pem'), key: pem('sender.key') }
  expect(await send(receiver.url, { tls: { ca: receiverTls.cert, ...client } })).toEqual({ ok: true })
  expect((await send(receiver.url, { tls: { ca: receiverTls.cert } })).ok).toBe(false)
  expect(receiver.received).toHaveLength(1)
})
