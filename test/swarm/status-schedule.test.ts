import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStatusSchedule, type StatusSchedule } from '../../src/swarm/status-schedule.ts'

const INTERVAL_MS = 32_000
const OPTIONS = { intervalMs: INTERVAL_MS, maxInFlight: 4 }
/** Without jitter. */
const latest = () => 0

/** When, within `untilMs`, a lone peer is asked that answers or does not at once. */
function askedAt(schedule: StatusSchedule, isAnswered: boolean, untilMs: number): number[] {
  const times: number[] = []
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 100) {
    if (schedule.due(['a'], nowMs).length === 0) continue
    times.push(nowMs)
    schedule.settled('a', isAnswered, nowMs)
  }
  return times
}

describe('the schedule of Status requests', () => {
  it('asks a peer soon after it came, and then once an interval', () => {
    expect(askedAt(createStatusSchedule(OPTIONS, latest), true, 100_000)).toEqual([0, 32_000, 64_000, 96_000])
    const [first] = askedAt(
      createStatusSchedule(OPTIONS, () => 0.999),
      true,
      10_000,
    )
    expect(first).toBe(2000)
  })

  it('spreads the requests by up to a fifth of the interval', () => {
    const mostJitter = createStatusSchedule(OPTIONS, () => 0.999)
    expect(askedAt(mostJitter, true, 60_000)).toEqual([2000, 27_700, 53_400])
  })

  it('asks a peer that does not answer less and less often, at least every 16 intervals', () => {
    const times = askedAt(createStatusSchedule(OPTIONS, latest), false, 70 * INTERVAL_MS)
    const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / INTERVAL_MS)
    expect(pauses).toEqual([1, 2, 4, 8, 16, 16, 16])
  })

  it('asks at the usual pace again after an answer', () => {
    const schedule = createStatusSchedule(OPTIONS, latest)
    askedAt(schedule, false, 10 * INTERVAL_MS)
    const atMs = 20 * INTERVAL_MS
    expect(schedule.due(['a'], atMs)).toEqual(['a'])
    schedule.settled('a', true, atMs)
    expect(schedule.due(['a'], atMs + INTERVAL_MS - 1)).toEqual([])
    expect(schedule.due(['a'], atMs + INTERVAL_MS)).toEqual(['a'])
  })

  it('does not ask a peer again that has not settled, even when it left and is back', () => {
    const schedule = createStatusSchedule(OPTIONS, latest)
    expect(schedule.due(['a'], 0)).toEqual(['a'])
    expect(schedule.due([], 1)).toEqual([])
    expect(schedule.due(['a'], 10 * INTERVAL_MS)).toEqual([])
    schedule.settled('a', false, 10 * INTERVAL_MS)
    expect(schedule.due(['a'], 11 * INTERVAL_MS)).toEqual(['a'])
  })

  it('forgets a peer that left: one that is back is asked soon', () => {
    const schedule = createStatusSchedule(OPTIONS, latest)
    schedule.due(['a'], 0)
    schedule.settled('a', true, 0)
    expect(schedule.due(['a'], 1000)).toEqual([])
    schedule.due([], 1001)
    expect(schedule.due(['a'], 1002)).toEqual(['a'])
  })

  it('asks those first that waited longest', () => {
    const schedule = createStatusSchedule({ ...OPTIONS, maxInFlight: 1 }, latest)
    const asked: string[] = []
    for (let nowMs = 0; nowMs < 6; nowMs++) {
      for (const peer of schedule.due(['a', 'b', 'c'], nowMs)) {
        asked.push(peer)
        schedule.settled(peer, true, nowMs - INTERVAL_MS + 1)
      }
    }
    expect(asked).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  it('never has more in flight than it may, and never asks one peer twice within the shortest interval', () => {
    const steps = fc.array(
      fc.record({
        peers: fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g')),
        settles: fc.nat({ max: 4 }),
        isAnswered: fc.boolean(),
        passesMs: fc.nat({ max: INTERVAL_MS }),
      }),
    )
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 0.999, noNaN: true }), (rounds, random) => {
        const schedule = createStatusSchedule({ ...OPTIONS, maxInFlight: 3 }, () => random)
        const inFlight: string[] = []
        const settledAt = new Map<string, number>()
        let nowMs = 0
        for (const { peers, settles, isAnswered, passesMs } of rounds) {
          for (const gone of settledAt.keys()) if (!peers.includes(gone)) settledAt.delete(gone)
          for (const peer of schedule.due(peers, nowMs)) {
            expect(peers).toContain(peer)
            expect(inFlight).not.toContain(peer)
            expect(nowMs - (settledAt.get(peer) ?? -INTERVAL_MS)).toBeGreaterThanOrEqual(0.8 * INTERVAL_MS)
            inFlight.push(peer)
          }
          expect(inFlight.length).toBeLessThanOrEqual(3)
          for (const peer of inFlight.splice(0, settles)) {
            schedule.settled(peer, isAnswered, nowMs)
            if (peers.includes(peer)) settledAt.set(peer, nowMs)
          }
          nowMs += passesMs
        }
      }),
    )
  })
})
