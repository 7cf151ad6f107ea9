import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPace } from '../../src/swarm/send-pace.ts'

const PACE_MS = 10
const BURST = 8

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function recorded() {
  const sent: string[] = []
  const whenDue = createPace(PACE_MS)
  return { sent, send: (name: string) => whenDue(() => void sent.push(name)) }
}

/** Sends one after the other, each in a turn of its own, until the next has to wait. */
async function flood(send: (name: string) => void): Promise<void> {
  for (let index = 0; index < BURST; index++) {
    send('flood')
    await vi.advanceTimersByTimeAsync(0)
  }
}

describe('what is to be sent', () => {
  it('goes at the end of the turn, all of the turn together and in its order', async () => {
    const { sent, send } = recorded()
    for (const name of ['a', 'b', 'c']) send(name)
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['a', 'b', 'c'])
  })

  it('waits for nothing where a few come one after the other', async () => {
    const { sent, send } = recorded()
    await flood(send)
    expect(sent).toHaveLength(BURST)
  })

  it('waits in a flood until the pace allows it, and goes together then', async () => {
    const { sent, send } = recorded()
    await flood(send)
    sent.length = 0
    for (const name of ['first', 'second', 'third']) {
      send(name)
      await vi.advanceTimersByTimeAsync(3)
    }
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toEqual(['first', 'second', 'third'])
    await vi.advanceTimersByTimeAsync(5 * PACE_MS)
    expect(sent).toHaveLength(3)
  })

  it('never waits longer than the pace, and goes no more often than it on average', async () => {
    const whenDue = createPace(PACE_MS)
    const waits: number[] = []
    let sendings = 0
    for (let ms = 0; ms < 1000; ms++) {
      const startedAt = performance.now()
      whenDue(() => waits.push(performance.now() - startedAt))
      const before = waits.length
      await vi.advanceTimersByTimeAsync(1)
      if (waits.length > before) sendings += 1
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(PACE_MS)
    expect(sendings).toBeLessThanOrEqual(BURST + 1000 / PACE_MS)
    expect(sendings).toBeGreaterThan(900 / PACE_MS)
  })

  it('is not forgotten when it comes while others are being sent', async () => {
    const { sent } = recorded()
    const whenDue = createPace(PACE_MS)
    whenDue(() => {
      sent.push('outer')
      whenDue(() => void sent.push('inner'))
    })
    await vi.advanceTimersByTimeAsync(PACE_MS)
    expect(sent).toEqual(['outer', 'inner'])
  })
})
