import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { examineMetrics } from '../../src/companion/examine-metrics.ts'
import { READ_FAILURES } from '../../src/companion/read-failure.ts'
import { serveSocket } from '../support/metrics-server.ts'

/** With more time than it takes on a busy machine. */
const GIVEN = { givenAs: '--companion-metrics', userAgent: 'leanmesh/test', timeoutMs: 15_000 }

describe('whatever the other side says', () => {
  const names = fc.constantFrom('lean_gossip_mesh_peers', 'lean_node_info', 'lean_gossip_block_size_bytes_bucket', 'x')
  const value = fc.oneof(
    fc.constantFrom('zeam_0', 'total', '\u202e', '\\', '"', '<b>'),
    fc.string({ unit: 'grapheme' }),
  )
  const line = fc.oneof(
    fc
      .tuple(names, value, fc.double())
      .map(([name, text, number]) => `${name}{client="${text}",name="${text}"} ${number}`),
    fc.tuple(fc.constantFrom('HELP', 'TYPE'), names, value).map((words) => `# ${words.join(' ')}`),
    fc.string(),
  )
  const answer = fc.oneof(
    fc.array(line, { maxLength: 20 }).map((lines) => `HTTP/1.1 200 OK\r\n\r\n${lines.join('\n')}\n`),
    fc
      .tuple(fc.string(), fc.string())
      .map(([header, body]) => `HTTP/1.1 200 OK\r\nContent-Type: ${header}\r\n\r\n${body}`),
    fc.string().map((text) => `HTTP/1.1 302 Found\r\nLocation: ${text}\r\n\r\n`),
    fc.string(),
  )

  test('the examination fulfils, with a reason out of the set, and with texts that can be printed', async () => {
    let next: string | Buffer = ''
    await using server = await serveSocket((socket) => socket.end(next))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          answer,
          fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
        ),
        async (said) => {
          next = said
          const examination = await examineMetrics({ ...GIVEN, url: server.url })
          if (!examination.ok) expect(READ_FAILURES).toContain(examination.reason)
          for (const text of textsOf(examination)) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** Every text in a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
