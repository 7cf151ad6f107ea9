import { execFile } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Examination } from '../../src/companion/examine-metrics.ts'
import { serveMetrics, TEXT_TYPE, writeAll } from '../support/metrics-server.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** Of resident memory, beside what the process has before it reads: buffers, and garbage that nobody needed to collect yet. */
const MAX_GROWTH_MIB = 128
/** A scrape of the sidecar itself has to get through meanwhile. */
const MAX_TURN_MS = 60
const PROGRAM = fileURLToPath(new URL('../support/measured-examination.ts', import.meta.url))

interface Measured {
  examination: Examination
  seconds: number
  grownMiB: number
  /** The longest that the event loop was kept from anything else, in time of the processor. */
  longestTurnMs: number
}

/** In a process of its own, because a peak cannot be taken back. */
async function examine(answer: (response: ServerResponse) => void, maxBytes?: number): Promise<Measured> {
  await using server = await serveMetrics(answer)
  const limits = maxBytes === undefined ? [] : [String(maxBytes)]
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, server.url, ...limits])
  const measured = JSON.parse(stdout) as Measured
  if (process.env['SHOW_MEASURED'] !== undefined)
    console.log(expect.getState().currentTestName, { ...measured, examination: '' })
  return measured
}

/** Chunks of `bytes` in all. */
function repeated(chunk: Buffer, bytes: number): () => Buffer | undefined {
  let left = bytes
  return () => ((left -= chunk.length) > -chunk.length ? chunk : undefined)
}

/** Numbered series, `count` of them, many a chunk. */
function numbered(count: number, line: (index: number) => string): () => Buffer | undefined {
  let next = 0
  return () => {
    const length = Math.min(1_000, count - next)
    if (length <= 0) return undefined
    const start = next
    next += length
    return Buffer.from(Array.from({ length }, (_, index) => line(start + index)).join(''))
  }
}

describe('memory stays bounded', () => {
  const text = Buffer.from('lean_gossip_mesh_peers{client="zeam_0"} 1\n'.repeat(1_600))

  test('for 1 GB, of which no more than the limit is read', async () => {
    const { examination, grownMiB, seconds, longestTurnMs } = await examine((response) => {
      void writeAll(response, repeated(text, GIB))
    })
    expect(examination).toMatchObject({ ok: false, reason: 'too_large', detail: 'the answer is larger than 8 MiB' })
    expect(grownMiB).toBeLessThan(MAX_GROWTH_MIB)
    expect(seconds).toBeLessThan(10)
    expect(longestTurnMs).toBeLessThan(MAX_TURN_MS)
  })

  test('for a gzip bomb of 1 GB', async () => {
    const { examination, grownMiB } = await examine((response) => {
      response.writeHead(200, { 'Content-Type': TEXT_TYPE, 'Content-Encoding': 'gzip' })
      const gzip = createGzip({ level: 1 })
      gzip.on('error', () => {})
      gzip
        .pipe(response)
        .on('error', () => {})
        .once('close', () => gzip.destroy())
      const next = repeated(Buffer.alloc(MIB, 'a'), GIB)
      const write = () => {
        for (let chunk = next(); chunk !== undefined && !gzip.destroyed; chunk = next()) if (!gzip.write(chunk)) return
        gzip.end()
      }
      gzip.on('drain', write)
      write()
    })
    expect(examination).toMatchObject({ ok: false, reason: 'too_large' })
    expect(grownMiB).toBeLessThan(MAX_GROWTH_MIB)
  })

  test.each([
    ['of a wanted metric', 'lean_gossip_mesh_peers', { verdict: 'deviates' }],
    ['of other metrics', 'lean_other', { verdict: 'absent' }],
  ])('for a million series %s, all of which are read', async (_, name, verdict) => {
    const line = (index: number) => `${name}{client="a-client-with-a-long-name_${index}"} ${index}\n`
    const { examination, grownMiB, longestTurnMs } = await examine((response) => {
      response.setHeader('Content-Type', TEXT_TYPE)
      void writeAll(response, numbered(1_000_000, line))
    }, GIB)
    const mesh = expect.objectContaining({ metric: 'lean_gossip_mesh_peers', ...verdict })
    expect(examination).toMatchObject({ ok: true, problems: [], metrics: expect.arrayContaining([mesh]) })
    expect(grownMiB).toBeLessThan(MAX_GROWTH_MIB)
    expect(longestTurnMs).toBeLessThan(MAX_TURN_MS)
  })

  test('for a line of 256 MB, which is told', async () => {
    const { examination, grownMiB } = await examine((response) => {
      response.setHeader('Content-Type', TEXT_TYPE)
      response.write('lean_gossip_mesh_peers 4\n')
      void writeAll(response, repeated(Buffer.alloc(64 * 1024, 'x'), 256 * MIB))
    }, GIB)
    const problems = [
      '1 line is longer than 16384 bytes, which is not read',
      'the last line has no line break at its end',
    ]
    expect(examination).toMatchObject({ ok: true, problems, meshPeers: { reported: 4 } })
    expect(grownMiB).toBeLessThan(MAX_GROWTH_MIB)
  })
})
