import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { rawConnection, rawRequest, startServer } from './admin-fixture.ts'

const BIG_SCRAPE = 'lean_gossip_mesh_peers{client="zeam_0"} 1\n'.repeat(200)
const bigScrape = async (): Promise<{ ok: true; body: string; contentType: string }> => ({
  ok: true,
  body: BIG_SCRAPE,
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
})

describe('/metrics', () => {
  test('is compressed for who takes gzip, and says that it varies', async () => {
    const { port } = await startServer({ scrape: bigScrape })
    const answer = await rawRequest(port, 'GET /metrics HTTP/1.1\r\nAccept-Encoding: gzip;q=0.8, identity;q=0.1')
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^content-encoding: gzip$/im)
    expect(head).toMatch(/^vary: accept-encoding$/im)
    expect(head).toMatch(new RegExp(`^content-length: ${body.length}$`, 'im'))
    expect(gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe(BIG_SCRAPE)
  })

  test.each(['gzip;q=0', 'identity, gzip;q=0.5', 'br', '*;q=0', 'gzip;q=nonsense'])(
    'is plain for Accept-Encoding: %s',
    async (encoding) => {
      const { port } = await startServer({ scrape: bigScrape })
      const answer = await rawRequest(port, `GET /metrics HTTP/1.1\r\nAccept-Encoding: ${encoding}`)
      expect(answer).toMatch(/^vary: accept-encoding$/im)
      expect(answer).not.toMatch(/^content-encoding/im)
      expect(answer.endsWith(BIG_SCRAPE)).toBe(true)
    },
  )

  test('HEAD of what is compressed has the length of GET and no body, and nothing of it is on the next answer', async () => {
    const { port } = await startServer({ scrape: bigScrape })
    const { socket, text } = await rawConnection(port)
    socket.write('HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n')
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const [first = '', second = '', body] = (await text).split('\r\n\r\n')
    expect(first).toMatch(/^content-encoding: gzip$/im)
    expect(first).toMatch(new RegExp(`^content-length: (?!${BIG_SCRAPE.length}$)\\d+$`, 'im'))
    expect(second).toMatch(/^HTTP\/1.1 200 /)
    expect(second).not.toMatch(/^content-encoding/im)
    expect(body).toBe('ok\n')
  })
})
