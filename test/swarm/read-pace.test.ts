import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReadPace } from '../../src/swarm/read-pace.ts'

const PACE_MS = 10
const BURST = 8

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Reads a stream as often as it may be read, for so long, and gives when. */
async function readFor(
  pace: ReturnType<typeof createReadPace>,
  stream: object,
  milliseconds: number,
): Promise<number[]> {
  const readAt: number[] = []
  const end = performance.now() + milliseconds
  const reading = (async () => {
    while (performance.now() < end) {
      await (pace(stream) ?? Promise.resolve())
      readAt.push(performance.now())
      if (readAt.length % BURST === 0) await Promise.resolve()
    }
  })()
  await vi.advanceTimersByTimeAsync(milliseconds + PACE_MS)
  await reading
  return readAt
}

describe('a stream', () => {
  it('is read at once where a few things come one after the other, and again after a while', async () => {
    const pace = createReadPace(PACE_MS)
    const stream = {}
    for (let reads = 0; reads < BURST; reads++) expect(pace(stream)).toBeUndefined()
    expect(pace(stream)).toBeInstanceOf(Promise)
    await vi.advanceTimersByTimeAsync(100 * BURST * PACE_MS)
    for (let reads = 0; reads < BURST; reads++) expect(pace(stream)).toBeUndefined()
    expect(pace(stream)).toBeInstanceOf(Promise)
  })

  it('that asks again and again while it waits is made to wait for it no longer', async () => {
    const pace = createReadPace(PACE_MS)
    const stream = {}
    for (let reads = 0; reads < 100 * BURST; reads++) void pace(stream)
    await vi.advanceTimersByTimeAsync(2 * PACE_MS)
    expect(pace(stream)).toBeUndefined()
  })

  it('is read in a flood once in the time of the pace', async () => {
    const pace = createReadPace(PACE_MS)
    const readAt = await readFor(pace, {}, 1000)
    expect(readAt.length).toBeGreaterThan(900 / PACE_MS)
    expect(readAt.length).toBeLessThanOrEqual(BURST + 2 + 1000 / PACE_MS)
    const gaps = readAt.slice(BURST + 1).map((at, index) => at - (readAt[BURST + index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(PACE_MS)
  })

  it('has a pace of its own, and is read in one turn with others that wait', async () => {
    const pace = createReadPace(PACE_MS)
    const [busy, other, quiet] = [{}, {}, {}]
    for (let reads = 0; reads < BURST; reads++) for (const stream of [busy, other]) void pace(stream)
    const readAt: number[] = []
    void pace(busy)?.then(() => readAt.push(performance.now()))
    await vi.advanceTimersByTimeAsync(3)
    void pace(other)?.then(() => readAt.push(performance.now()))
    expect(pace(quiet)).toBeUndefined()
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(PACE_MS)
    expect(readAt).toHaveLength(2)
    expect(new Set(readAt).size).toBe(1)
  })
})
