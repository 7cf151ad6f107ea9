import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClockCheck, type ClockCheck } from '../../src/measure/clock-check.ts'

/** Readings of one source, one a slot, from `slot` on. */
function read(clock: ClockCheck, delaysMs: readonly number[], slot = 0): void {
  for (const [index, delayMs] of delaysMs.entries()) clock.read('peer', delayMs, slot + index)
}

const times = (count: number, delayMs: number): number[] => Array.from({ length: count }, () => delayMs)

describe('the clock', () => {
  it('is not judged by seven readings, and by eight it is', () => {
    const clock = createClockCheck()
    read(clock, times(7, 300))
    expect(clock.standing()).toEqual({ state: 'unjudged' })
    read(clock, [300], 7)
    expect(clock.standing()).toEqual({ state: 'good', offsetSeconds: 0.3 })
  })

  it.each([
    [60_000, 'suspect', 60],
    [4001, 'suspect', 4.001],
    [4000, 'good', 4],
    [-100, 'good', -0.1],
    [-101, 'suspect', -0.101],
    [-60_000, 'suspect', -60],
  ])('with every message %d ms late is %s', (delayMs, state, offsetSeconds) => {
    const clock = createClockCheck()
    read(clock, times(8, delayMs))
    expect(clock.standing()).toEqual({ state, offsetSeconds })
  })

  it('is suspect with more than three off in four, and not with three: some messages are always late', () => {
    const [more, three] = [createClockCheck(), createClockCheck()]
    read(more, [...times(7, 200), ...times(25, 9000)])
    read(three, [...times(8, 200), ...times(24, 9000)])
    expect([more.standing().state, three.standing().state]).toEqual(['suspect', 'good'])
  })

  it.each([-12_000, 12_000])('that was off by %d ms stays suspect while more than half is off', (delayMs) => {
    const clock = createClockCheck()
    read(clock, times(32, delayMs))
    read(clock, times(15, 200), 32)
    expect(clock.standing()).toEqual({ state: 'suspect', offsetSeconds: delayMs / 1000 })
    read(clock, times(2, 200), 47)
    expect(clock.standing(), 'until most agree nothing is said of how far').toEqual({ state: 'good' })
  })

  it('that jumps is suspect after 25 readings', () => {
    const clock = createClockCheck()
    read(clock, times(32, 200))
    read(clock, times(24, 12_000), 32)
    expect(clock.standing().state).toBe('good')
    read(clock, [12_000], 56)
    expect(clock.standing()).toEqual({ state: 'suspect', offsetSeconds: 12 })
  })

  it('is not made suspect by noise in place of slots, which does not agree', () => {
    const clock = createClockCheck()
    read(
      clock,
      Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? -1 : 1) * index * 1_000_000),
    )
    expect(clock.standing()).toEqual({ state: 'good' })
  })

  it('hears each source once a slot, so that one that floods outvotes nobody', () => {
    const clock = createClockCheck()
    for (let slot = 0; slot < 40; slot++) {
      for (let index = 0; index < 1000; index++) clock.read('block hostile', -4_000_000, slot)
      for (const honest of ['a', 'b']) clock.read(`block ${honest}`, 250, slot)
    }
    expect(clock.standing()).toEqual({ state: 'good' })
  })

  it('hears no more than 256 sources a slot', () => {
    const clock = createClockCheck()
    for (let index = 0; index < 10_000; index++) clock.read(`peer ${index}`, 250, 0)
    for (let index = 0; index < 10_000; index++) clock.read(`late peer ${index}`, 9000, 0)
    expect(clock.standing()).toEqual({ state: 'good', offsetSeconds: 0.25 })
  })

  it('withholds what is off while it is not judged, everything while it is suspect, and nothing once it is good', () => {
    const clock = createClockCheck()
    expect([300, -101, 4001, undefined].map((delayMs) => clock.isWithheld(delayMs))).toEqual([false, true, true, false])
    read(clock, times(8, 9000))
    expect([300, undefined].map((delayMs) => clock.isWithheld(delayMs))).toEqual([true, true])
    read(clock, times(32, 300), 8)
    expect([300, 9000, undefined].map((delayMs) => clock.isWithheld(delayMs))).toEqual([false, false, false])
  })

  it('that is judged by a full window has the same offset whatever the order of the readings', () => {
    const delays = fc.array(fc.oneof(fc.nat(4000), fc.integer({ min: -70_000, max: 70_000 })), {
      minLength: 32,
      maxLength: 32,
    })
    fc.assert(
      fc.property(delays, (delaysMs) => {
        const [one, other] = [createClockCheck(), createClockCheck()]
        read(one, delaysMs)
        read(
          other,
          delaysMs.toSorted((a, b) => a - b),
        )
        expect(one.standing().offsetSeconds).toBe(other.standing().offsetSeconds)
      }),
    )
  })

  it('that is suspect always says by how much', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -70_000, max: 70_000 }), { maxLength: 60 }), (delaysMs) => {
        const clock = createClockCheck()
        read(clock, delaysMs)
        const { state, offsetSeconds } = clock.standing()
        return state !== 'suspect' || offsetSeconds !== undefined
      }),
    )
  })
})
