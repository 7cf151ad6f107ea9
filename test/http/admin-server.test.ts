import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AdminServer } from '../../src/http/admin-server.ts'
import { rawConnection, routeDeps, startServer } from './admin-fixture.ts'

/** Until `condition` holds; the test's own timeout is the deadline. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('start', () => {
  test('resolves with the real URL', async () => {
    const { server, url, port } = await startServer()
    expect(url).toBe(`http://127.0.0.1:${port}/`)
    expect(port).toBeGreaterThan(0)
    expect(await server.start()).toBe(url)
  })

  test('brackets an IPv6 address', async () => {
    const { url } = await startServer({}, { host: '::1' })
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/$/)
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })

  test('a port in use names the setting to change', async () => {
    const { port } = await startServer()
    const second = new AdminServer({ host: '127.0.0.1', port, maxConnections: 4 }, routeDeps())
    await expect(second.start()).rejects.toMatchObject({
      code: 'ERR_HTTP_PORT_IN_USE',
      message: expect.stringMatching(/--http-port, LEANMESH_HTTP_PORT or http\.port/) as string,
    })
    await second.stop()
  })

  test("a host that is not this machine's names its setting", async () => {
    const server = new AdminServer({ host: '192.0.2.1', port: 0, maxConnections: 4 }, routeDeps())
    await expect(server.start()).rejects.toMatchObject({
      code: 'ERR_HTTP_HOST_NOT_AVAILABLE',
      message: expect.stringContaining('--http-host') as string,
    })
  })
})

describe('stop', () => {
  test('works without start, and twice', async () => {
    const server = new AdminServer({ host: '127.0.0.1', port: 0, maxConnections: 4 }, routeDeps())
    await server.stop()
    await server.stop()
  })

  test('frees the port', async () => {
    const { server, port } = await startServer()
    await Promise.all([server.stop(), server.stop()])
    const next = createServer().listen(port, '127.0.0.1')
    onTestFinished(() => void next.close())
    await once(next, 'listening')
  })

  test('closes idle connections at once', async () => {
    const { server, port } = await startServer({}, { limits: { stopDeadlineMs: 60_000 } })
    const { socket, text } = await rawConnection(port)
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    await server.stop()
    expect(await text).toContain('200 OK')
  })

  test('lets a request in flight finish, and closes its connection', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const scrape = async (): Promise<{ ok: true; body: string; contentType: string }> => {
      asked.resolve()
      await answer.promise
      return { ok: true, body: 'late 1\n', contentType: 'text/plain' }
    }
    const { server, port } = await startServer({ scrape }, { limits: { stopDeadlineMs: 60_000 } })
    const { socket, text } = await rawConnection(port)
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked.promise
    const stopped = server.stop()
    answer.resolve()
    await stopped
    expect(await text).toContain('late 1')
  })

  test('does not wait for a hung scrape, a client that sends half a request, or one that sends nothing', async () => {
    const asked = Promise.withResolvers<void>()
    const scrape = async (): Promise<never> => {
      asked.resolve()
      return new Promise<never>(() => undefined)
    }
    const { server, port } = await startServer({ scrape }, { limits: { stopDeadlineMs: 50 } })
    const [hung, half, mute] = [await rawConnection(port), await rawConnection(port), await rawConnection(port)]
    half.socket.write('GET /met')
    hung.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked.promise
    const startedAt = performance.now()
    await server.stop()
    expect(performance.now() - startedAt).toBeLessThan(1000)
    await Promise.all([hung.text, half.text, mute.text])
  })
})

describe('limits', () => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 100, checkIntervalMs: 20 }

  test('one too many closes the oldest that has asked nothing, however slowly it speaks, and is counted', async () => {
    const { server, url, port } = await startServer({}, { maxConnections: 3 })
    const kept = await rawConnection(port)
    kept.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(kept.socket, 'data')
    const dripping = await rawConnection(port)
    dripping.socket.write('GET /met')
    const mute = await rawConnection(port)
    expect((await fetch(`${url}healthz`, { headers: { connection: 'close' } })).status).toBe(200)
    expect(await dripping.text).toBe('')
    expect(server.droppedConnections).toBe(1)
    for (let count = 0; count < 20; count++) await rawConnection(port)
    await mute.text
    kept.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(kept.socket, 'data')
    await until(() => server.droppedConnections === 20)
  })

  test('one too many closes one that was answered before, where none is silent', async () => {
    const { url, port } = await startServer({}, { maxConnections: 1 })
    const idle = await rawConnection(port)
    idle.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(idle.socket, 'data')
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    expect(await idle.text).toContain('200 OK')
  })

  test('one too many is closed itself where all others are being answered', async () => {
    const asked = Promise.withResolvers<void>()
    const scrape = async (): Promise<never> => {
      asked.resolve()
      return new Promise<never>(() => undefined)
    }
    const { server, port } = await startServer({ scrape }, { maxConnections: 1 })
    const busy = await rawConnection(port)
    busy.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked.promise
    const extra = await rawConnection(port)
    expect(await extra.text).toBe('')
    expect(server.droppedConnections).toBe(1)
    expect(busy.socket.destroyed).toBe(false)
  })

  test('slow headers are cut off with 408', async () => {
    const { port } = await startServer({}, { limits })
    const { socket, text } = await rawConnection(port)
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    expect(await text).toMatch(/^HTTP\/1.1 408 /)
  })

  test('a connection that says nothing is closed', async () => {
    const { port } = await startServer({}, { limits })
    const { text } = await rawConnection(port)
    await text
  })

  test('headers too large are 431', async () => {
    const { port } = await startServer()
    const { socket, text } = await rawConnection(port)
    socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(9000)}\r\n\r\n`)
    expect(await text).toMatch(/^HTTP\/1.1 431 /)
  })

  test('garbage is 400', async () => {
    const { port } = await startServer()
    const { socket, text } = await rawConnection(port)
    socket.write('\u0016\u0003\u0001 not http\r\n\r\n')
    expect(await text).toMatch(/^HTTP\/1.1 400 /)
  })

  test('clients that reset their connections do no harm', async () => {
    const { url, port } = await startServer()
    const connections = await Promise.all(Array.from({ length: 8 }, async () => rawConnection(port)))
    for (const { socket } of connections) {
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
      socket.resetAndDestroy()
    }
    await Promise.all(connections.map(async ({ text }) => text))
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })
})
