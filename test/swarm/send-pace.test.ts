import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPace } from '../../src/swarm/send-pace.ts'

const PACE_MS = 10
const GRACE_MS = 2
const BURST = 8

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function recorded() {
  const sentAt: number[] = []
  const pace = createPace(PACE_MS, () => void sentAt.push(performance.now()))
  return { sentAt, pace, ask: () => pace(GRACE_MS) }
}

/** Asks one time after the other, each when the last was sent, until the next has to wait. */
async function flood(ask: () => void): Promise<void> {
  for (let index = 0; index < BURST + 2; index++) {
    ask()
    await vi.advanceTimersByTimeAsync(GRACE_MS)
  }
}

describe('what is to be sent', () => {
  it('goes after its grace, once however often it was asked for', async () => {
    const { sentAt, ask } = recorded()
    for (let times = 0; times < 3; times++) ask()
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    expect(sentAt).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(sentAt).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5 * PACE_MS)
    expect(sentAt).toHaveLength(1)
  })

  it('goes at the end of the turn where something is asked for that has no grace, and all with it', async () => {
    const { sentAt, pace } = recorded()
    pace(GRACE_MS)
    pace(0)
    pace(GRACE_MS)
    expect(sentAt).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect(sentAt).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5 * PACE_MS)
    expect(sentAt).toHaveLength(1)
  })

  it('waits no longer where a few come one after the other', async () => {
    const { sentAt, ask } = recorded()
    await flood(ask)
    expect(sentAt.length).toBeGreaterThanOrEqual(BURST)
  })

  it('waits in a flood until the pace allows it', async () => {
    const { sentAt, ask } = recorded()
    for (let times = 0; times < 3; times++) await flood(ask)
    // The last of the flood.
    await vi.advanceTimersToNextTimerAsync()
    const before = sentAt.length
    const askedAt = performance.now()
    while (sentAt.length === before) {
      ask()
      await vi.advanceTimersByTimeAsync(1)
    }
    expect((sentAt.at(-1) ?? 0) - askedAt).toBeGreaterThan(GRACE_MS)
    expect((sentAt.at(-1) ?? 0) - askedAt).toBeLessThanOrEqual(PACE_MS)
  })

  it('never waits longer than the pace, and goes no more often than it on average', async () => {
    const { sentAt, ask } = recorded()
    const waits: number[] = []
    let askedAt: number | undefined
    for (let ms = 0; ms < 1000; ms++) {
      ask()
      askedAt ??= performance.now()
      const before = sentAt.length
      await vi.advanceTimersByTimeAsync(1)
      if (sentAt.length === before) continue
      waits.push((sentAt.at(-1) ?? 0) - askedAt)
      askedAt = undefined
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(PACE_MS)
    expect(sentAt.length).toBeLessThanOrEqual(BURST + 1000 / PACE_MS)
    expect(sentAt.length).toBeGreaterThan(900 / PACE_MS)
  })

  it('goes after a long silence as often as after a short one before it waits', async () => {
    const { sentAt, pace } = recorded()
    await vi.advanceTimersByTimeAsync(1000 * PACE_MS)
    for (let times = 0; times < 3 * BURST; times++) {
      pace(0)
      await vi.advanceTimersByTimeAsync(0)
    }
    expect(sentAt).toHaveLength(BURST)
  })

  it('waits for the pace or its grace, whichever is longer, and not for both', async () => {
    const { sentAt, pace, ask } = recorded()
    for (let times = 0; times < BURST; times++) {
      pace(0)
      await vi.advanceTimersByTimeAsync(0)
    }
    ask()
    await vi.advanceTimersByTimeAsync(PACE_MS - 1)
    expect(sentAt).toHaveLength(BURST)
    await vi.advanceTimersByTimeAsync(1)
    expect(sentAt).toHaveLength(BURST + 1)
  })

  it('is not forgotten when it is asked for while others are being sent', async () => {
    let sendings = 0
    const ask = createPace(PACE_MS, () => {
      sendings += 1
      if (sendings === 1) ask(0)
    })
    ask(0)
    await vi.advanceTimersByTimeAsync(PACE_MS)
    expect(sendings).toBe(2)
  })
})
