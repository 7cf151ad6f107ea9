import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rawConnection, rawRequest, startServer } from './admin-fixture.ts'
import { meshDocument, network, ZEAM } from '../support/mesh-fixture.ts'

describe('/metrics', () => {
  test('answers what the scrape gave, with its content type', async () => {
    const { url } = await startServer()
    const response = await fetch(`${url}metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(await response.text()).toBe('lean_gossip_mesh_peers 7\n')
  })

  test('that is switched off is 404 with the setting to change', async () => {
    const { url } = await startServer({ scrape: undefined })
    const response = await fetch(`${url}metrics`)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('OTEL_METRICS_EXPORTER')
  })

  test('is linked from the status page while it is served, and named as off while it is not', async () => {
    const link = '<a href="metrics">'
    const pageOf = async ({ url }: { url: string }) => await (await fetch(url)).text()
    expect(await pageOf(await startServer())).toContain(link)
    const page = await pageOf(await startServer({ scrape: undefined }))
    expect(page).toContain('metrics are off')
    expect(page).not.toContain(link)
  })

  test('a failed scrape is 503 with the reason, never 200 with less', async () => {
    const { url } = await startServer({ scrape: async () => ({ ok: false, reason: 'the collection took over 5 s' }) })
    const response = await fetch(`${url}metrics`)
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('the metrics could not be collected: the collection took over 5 s\n')
  })

  test('so is one that rejects', async () => {
    const { url } = await startServer({ scrape: async () => Promise.reject(new Error('no reader')) })
    const response = await fetch(`${url}metrics`)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('no reader')
  })

  test('HEAD gives the headers of GET and no body', async () => {
    const { port } = await startServer()
    const answer = await rawRequest(port, 'HEAD /metrics HTTP/1.1')
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toMatch(/^content-length: 25$/im)
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
  })

  test('HTTP/1.0 without a Host header is answered', async () => {
    const { port } = await startServer()
    const { socket, text } = await rawConnection(port)
    socket.write('GET /metrics HTTP/1.0\r\n\r\n')
    expect(await text).toContain('lean_gossip_mesh_peers 7')
  })
})

describe('health', () => {
  test('/healthz answers while the process serves, ready or not', async () => {
    const { url } = await startServer({ ready: () => ({ ready: false, reason: 'stopping' }) })
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })

  test('/readyz is 503 with the reason until it is ready', async () => {
    let state = { ready: false, reason: 'stopping' }
    const { url } = await startServer({ ready: () => state })
    const before = await fetch(`${url}readyz`)
    expect([before.status, await before.text()]).toEqual([503, 'stopping\n'])
    state = { ready: true, reason: 'ready' }
    expect((await fetch(`${url}readyz`)).status).toBe(200)
  })
})

describe('other requests', () => {
  test('/v1/mesh is the document as JSON', async () => {
    const { url } = await startServer()
    const response = await fetch(`${url}v1/mesh`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual(meshDocument())
  })

  test('/v1/companion is how each network stands with its companion, as JSON', async () => {
    const companion = { ...ZEAM, phase: 'connected', state: 'meshed', sentence: 'companion zeam_0: fine' } as const
    const networks = [network({ networkId: 'a', companion }), network({ networkId: 'b' })]
    const { url } = await startServer({ mesh: () => meshDocument({ networks }) })
    const response = await fetch(`${url}v1/companion`)
    expect(response.headers.get('content-type')).toBe('application/json')
    const { version, generatedAt } = meshDocument()
    expect(await response.json()).toEqual({ version, generatedAt, networks: [{ networkId: 'a', ...companion }] })
  })

  test('the status page is drawn once for all who ask meanwhile, and again for who asks later', async () => {
    let drawn = 0
    const { url } = await startServer({ mesh: () => (drawn++, meshDocument()) })
    const pages = await Promise.all(Array.from({ length: 12 }, async () => (await fetch(url)).text()))
    expect(new Set(pages).size).toBe(1)
    expect(drawn).toBeLessThan(12)
    const before = drawn
    // It is kept for as much as 5 s, where drawing took long.
    await expect.poll(async () => (await (await fetch(url)).text(), drawn), { timeout: 10_000 }).toBeGreaterThan(before)
  })

  test('drawing takes no more than a tenth of the time, however many ask', async () => {
    const DRAWING_MS = 20
    let drawn = 0
    const mesh = () => {
      for (const start = performance.now(); performance.now() - start < DRAWING_MS;);
      drawn++
      return meshDocument()
    }
    const { url } = await startServer({ mesh })
    const startedAt = performance.now()
    for (let asked = 0; asked < 100; asked++) await (await fetch(url)).text()
    const elapsedMs = performance.now() - startedAt
    expect(drawn).toBeLessThanOrEqual(2 + elapsedMs / (10 * DRAWING_MS))
  })

  test('a page that cannot be drawn is not kept', async () => {
    let isBroken = true
    const mesh = () => {
      if (isBroken) throw new Error('broken')
      return meshDocument()
    }
    const { url } = await startServer({ mesh })
    expect((await fetch(url)).status).toBe(500)
    isBroken = false
    expect((await fetch(url)).status).toBe(200)
  })

  test('/live.js is the script of the page, as it stands in the tree', async () => {
    const { url } = await startServer()
    const response = await fetch(`${url}live.js`)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await response.text()).toBe(readFileSync(join(import.meta.dirname, '../../src/page/live.js'), 'utf8'))
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is 405 and says what is allowed', async (method) => {
    const { url } = await startServer()
    for (const path of ['', 'live.js', 'metrics', 'v1/mesh', 'v1/companion', 'healthz', 'readyz']) {
      const response = await fetch(`${url}${path}`, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
      await response.text()
    }
  })

  test.each(['/metric', '/metrics/', '//metrics', '/v1', '/%2e%2e/etc/passwd', '/favicon.ico'])(
    '%s is 404 and lists what there is',
    async (path) => {
      const { port } = await startServer()
      const answer = await rawRequest(port, `GET ${path} HTTP/1.1`)
      expect(answer).toMatch(/^HTTP\/1.1 404 /)
      expect(answer).toContain('/metrics  metrics for Prometheus')
    },
  )

  test('a body is refused before it is read', async () => {
    const { port } = await startServer()
    const answer = await rawRequest(port, 'GET /metrics HTTP/1.1\r\nContent-Length: 1000000')
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
  })

  test('a body to an unknown path is 404, and one with another method 405', async () => {
    const { url } = await startServer()
    const post = async (path: string) => (await fetch(`${url}${path}`, { method: 'POST', body: 'x' })).status
    expect(await Promise.all([post('v1/push'), post('metrics')])).toEqual([404, 405])
  })

  test('an overlong URL is 414', async () => {
    const { url } = await startServer()
    expect((await fetch(`${url}metrics?${'x'.repeat(2000)}`)).status).toBe(414)
  })

  test('a document that cannot be made is 500, and the server goes on', async () => {
    const { url } = await startServer({
      mesh: () => {
        throw new Error('no networks')
      },
    })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([500, 'the request failed: no networks\n'])
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })

  test('every answer forbids foreign and inline scripts, framing, sniffing and storing', async () => {
    const { url } = await startServer()
    for (const path of ['', 'metrics', 'v1/mesh', 'healthz', 'nothing']) {
      const { headers } = await fetch(`${url}${path}`)
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; style-src 'sha256-.*frame-ancestors 'none'$/,
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test('the policy allows exactly the style sheet that the page carries', async () => {
    const { url } = await startServer()
    const response = await fetch(url)
    const style = /<style>([^]*?)<\/style>/.exec(await response.text())?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(response.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`)
  })
})
