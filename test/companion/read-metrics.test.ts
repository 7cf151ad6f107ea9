import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { examineMetrics, type ExamineOptions, type Examination } from '../../src/companion/examine-metrics.ts'
import type { READ_FAILURES } from '../../src/companion/read-failure.ts'
import { serveMetrics, serveSocket, serveText, TEXT_TYPE, writeAll } from '../support/metrics-server.ts'

const MIB = 1024 * 1024
const GIVEN = { givenAs: '--companion-metrics', userAgent: 'leanmesh/test' }
const METRICS = 'lean_gossip_mesh_peers 4\n'

/** With more time than it takes on a busy machine, unless a test says otherwise. */
function examine(url: string, options: Partial<ExamineOptions> = {}, signal?: AbortSignal): Promise<Examination> {
  return examineMetrics({ ...GIVEN, url, timeoutMs: 15_000, ...options }, signal)
}

const read = (problems: readonly (string | RegExp)[] = []) => ({
  ok: true,
  problems: problems.map((problem) => (problem instanceof RegExp ? expect.stringMatching(problem) : problem)),
  meshPeers: expect.objectContaining({ reported: 4 }),
})
const failed = (reason: (typeof READ_FAILURES)[number], detail: RegExp) => ({
  ok: false,
  reason,
  detail: expect.stringMatching(detail),
})

describe('metrics are read', () => {
  test('plain and compressed, with an agent and what is accepted in the request', async () => {
    const headers: unknown[] = []
    await using server = await serveMetrics((response, request) => {
      headers.push(request.headers)
      response.writeHead(200, { 'Content-Type': TEXT_TYPE, 'Content-Encoding': 'GZip' }).end(gzipSync(METRICS))
    })
    expect(await examine(server.url)).toMatchObject(read())
    const accept = expect.stringMatching(/^text\/plain;version=0\.0\.4,/)
    expect(headers).toMatchObject([{ accept, 'user-agent': 'leanmesh/test', 'accept-encoding': 'gzip' }])
    await using plain = await serveText(METRICS)
    expect(await examine(plain.url)).toMatchObject(read())
  })

  test.each([
    ['text/plain', []],
    ['text/plain;charset=utf-8', []],
    [
      'text/html; charset=utf-8',
      ['its content type is "text/html; charset=utf-8"; text/plain; version=0.0.4 is right'],
    ],
    ['text/plainest', [/^its content type is "text\/plainest"/]],
    ['application/json\u001b', [/^its content type is "application\/json/]],
    ['application/openmetrics-text; version=1.0.0', ['it does not end with # EOF, as OpenMetrics must']],
    ['', ['it has no content type; text/plain; version=0.0.4 is right']],
  ])('as %j, and a wrong content type is told', async (type, problems) => {
    await using server = await serveSocket((socket) => {
      const header = type === '' ? '' : `Content-Type: ${type.replace('\u001b', '')}\r\n`
      socket.end(`HTTP/1.1 200 OK\r\n${header}Connection: close\r\n\r\n${METRICS}`)
    })
    expect(await examine(server.url)).toMatchObject(read(problems))
  })

  test('as OpenMetrics with its end', async () => {
    await using server = await serveText(`${METRICS}# EOF\n`, { 'Content-Type': 'application/openmetrics-text' })
    expect(await examine(server.url)).toMatchObject(read())
  })

  test('when they are not UTF-8, which is told', async () => {
    const bytes = Buffer.concat([
      Buffer.from(METRICS),
      Buffer.from('x{a="'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"} 1\n'),
    ])
    await using server = await serveText(bytes)
    expect(await examine(server.url)).toMatchObject(read(['1 line is not valid UTF-8']))
  })
})

describe('metrics are refused', () => {
  test.each([
    ['not a url', /^--companion-metrics "not a url" is not a URL; right is, for example, http:/],
    ['ftp://127.0.0.1/metrics', /is not http:\/\/ or https:\/\/; right is/],
    ['file:///etc/passwd', /is not http:\/\/ or https:\/\//],
    ['http://user:secret@127.0.0.1/metrics', /^--companion-metrics holds credentials, which would show in logs/],
    ['x\u001b[2J\u202e', /^--companion-metrics "x\\u\{1b\}\[2J\\u\{202e\}" is not a URL/],
  ])('from %j', async (url, detail) => {
    const examination = await examine(url)
    expect(examination).toMatchObject(failed('bad_url', detail))
    expect(JSON.stringify(examination)).not.toContain('secret')
  })

  test('from a name that resolves to nothing', async () => {
    // No resolver is asked for a label of more than 63 characters.
    const detail = /^no address was found for "x+\.invalid": is --companion-metrics right\?$/
    expect(await examine(`http://${'x'.repeat(64)}.invalid/metrics`)).toMatchObject(failed('unresolvable', detail))
  })

  test('from a port where nobody listens', async () => {
    const server = await serveText('')
    await server[Symbol.asyncDispose]()
    const detail = /^"127\.0\.0\.1:\d+": connection refused: does it run, and is --companion-metrics right\?$/
    expect(await examine(server.url)).toMatchObject(failed('unreachable', detail))
  })

  test.each([
    [301, '/metrics'],
    [302, 'http://192.0.2.1/metrics'],
    [308, '\u00e9'.repeat(500)],
  ])('with a redirect, %s to %j, which is not followed', async (status, location) => {
    let requests = 0
    await using server = await serveMetrics((response) => {
      requests++
      response.writeHead(status, { Location: location }).end()
    })
    expect(await examine(server.url)).toMatchObject(
      failed('redirect', /^HTTP 30\d leads to ".+", which is not followed/),
    )
    expect(requests).toBe(1)
  })

  test.each([
    [404, /^the answer is HTTP 404 and not 200; is the path \/metrics missing\?$/],
    [503, /^the answer is HTTP 503/],
    [204, /^the answer is HTTP 204/],
    [304, /^the answer is HTTP 304/],
  ])('with status %s', async (status, detail) => {
    await using server = await serveMetrics((response) => void response.writeHead(status).end())
    expect(await examine(new URL('/', server.url).href)).toMatchObject(failed('http_status', detail))
  })

  test.each([
    [{ 'Content-Encoding': 'br' }, /^the answer is encoded as "br", and only gzip was offered$/],
    [{ 'Content-Encoding': 'gzip, gzip' }, /^the answer is encoded as "gzip, gzip"/],
    [
      { 'Content-Type': 'application/vnd.google.protobuf' },
      /^the answer is "application\/vnd\.google\.protobuf" and not text$/,
    ],
  ])('that are no text: %j', async (headers, detail) => {
    await using server = await serveText(METRICS, headers)
    expect(await examine(server.url)).toMatchObject(failed('not_text', detail))
  })

  test.each([
    ['<!doctype html>\n<p>1</p>\n', /"<!doctype html>" does not begin .+ is --companion-metrics right\?$/],
    ['{"a": 1}', /^the answer is not in Prometheus' text format/],
    [Buffer.from([0, 1, 2, 3, 10, 255]), /not of the text format/],
  ])('that are another format: %j', async (text, detail) => {
    await using server = await serveText(text)
    expect(await examine(server.url)).toMatchObject(failed('unparsable', detail))
  })

  test.each<[string, string, 'broken_off' | 'not_http']>([
    ['nothing at all', '', 'broken_off'],
    ['half of an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nlean_a 1\n', 'broken_off'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', 'not_http'],
    ['too many headers', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(50_000)}\r\n`, 'not_http'],
    [
      'another protocol on the same connection',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'broken_off',
    ],
  ])('where there is %s', async (_, answer, reason) => {
    await using server = await serveSocket((socket) => socket.end(answer))
    expect(await examine(server.url)).toMatchObject(
      failed(reason, /"127\.0\.0\.1:\d+" (does not answer|broke off|hung up)/),
    )
  })

  test('when their compression is damaged or cut off', async () => {
    const damaged = gzipSync(METRICS.repeat(1_000))
    damaged.fill(0xff, 12, 40)
    for (const body of [damaged, gzipSync(METRICS).subarray(0, 15)]) {
      await using server = await serveText(body, { 'Content-Encoding': 'gzip' })
      expect(await examine(server.url)).toMatchObject(failed('broken_off', /broke off \(Z_/))
    }
  })

  test('from one who speaks no TLS', async () => {
    await using server = await serveText(METRICS)
    const url = server.url.replace('http:', 'https:')
    expect(await examine(url)).toMatchObject(failed('tls', /TLS failed .+ is it http:\/\/ that it speaks\?$/))
  })
})

describe('a reading ends', () => {
  /** Goes on until the other side hangs up; each write waits for the event loop only. */
  async function drip(socket: Socket, text: string): Promise<void> {
    while (!socket.destroyed) {
      socket.write(text)
      await setImmediate()
    }
  }

  test.each([
    ['nothing is said', () => undefined],
    ['one byte after the other comes', (socket: Socket) => void drip(socket, 'a')],
    ['one header after the other comes', (socket: Socket) => void drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
  ])('by its deadline when %s', async (what, answer) => {
    await using server = await serveSocket((socket) => {
      if (what.includes('byte')) socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n')
      answer(socket)
    })
    const startedAt = performance.now()
    const examination = await examine(server.url, { timeoutMs: 200 })
    expect(examination).toMatchObject(failed('timeout', /^"127\.0\.0\.1:\d+" did not finish its answer within 0\.2 s$/))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('after 2 s unless told otherwise', async () => {
    await using server = await serveSocket(() => undefined)
    const examination = await examineMetrics({ ...GIVEN, url: server.url })
    expect(examination).toMatchObject(failed('timeout', / within 2 s$/))
  })

  test('when its caller says so', async () => {
    await using server = await serveSocket(() => undefined)
    const controller = new AbortController()
    const examination = examine(server.url, {}, controller.signal)
    controller.abort()
    expect(await examination).toMatchObject(failed('timeout', /^the reading was ended early$/))
    expect(await examine(server.url, {}, AbortSignal.abort())).toMatchObject({ ok: false, reason: 'timeout' })
  })

  test('at its limit when there is no end, and the other side gets rid of little more', async () => {
    let sent: Promise<number> = Promise.resolve(0)
    const chunk = Buffer.from('lean_x 1\n'.repeat(7_000))
    await using server = await serveMetrics((response) => {
      sent = writeAll(response, () => chunk)
    })
    const examination = await examine(server.url, { maxBytes: 2 * MIB })
    expect(examination).toMatchObject(failed('too_large', /^the answer is larger than 2 MiB$/))
    // What the kernel's buffers of both sides hold is sent, and not read.
    expect(await sent).toBeLessThan(32 * MIB)
  })

  test('at its limit when compressed bytes expand to nothing', async () => {
    const empty = gzipSync('')
    const chunk = Buffer.concat(Array.from({ length: 4_000 }, () => empty))
    await using server = await serveMetrics((response) => {
      response.writeHead(200, { 'Content-Type': TEXT_TYPE, 'Content-Encoding': 'gzip' })
      void writeAll(response, () => chunk)
    })
    const examination = await examine(server.url, { maxBytes: MIB })
    expect(examination).toMatchObject(failed('too_large', /larger than 1 MiB/))
  })
})
