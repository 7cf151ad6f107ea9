import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeArrival } from '../../src/measure/arrival.ts'
import { TOPIC_KINDS } from '../../src/mesh/topics.ts'

const SLOT = 1000
const START_MS = SLOT * 4000

describe('the arrival of a message', () => {
  it.each([
    ['block', 0, 'inside', 0, 0],
    ['block', 799, 'inside', 799, 799],
    ['block', 800, 'after', 800, 800],
    ['block', -1, 'before', -1, -1],
    ['block', 15_999, 'after', 15_999, 15_999],
    ['attestation', 799, 'before', -1, 799],
    ['attestation', 800, 'inside', 0, 800],
    ['attestation', 1600, 'after', 800, 1600],
    ['aggregation', 1600, 'inside', 0, 1600],
    ['aggregation', 2399, 'inside', 799, 2399],
    ['aggregation', 2400, 'after', 800, 2400],
    // The latest interval 2 is that of the slot before.
    ['aggregation', 1599, 'after', 3999, 1599],
    ['aggregation', 5600, 'inside', 0, 5600],
  ] as const)('of a %s, %d ms after its slot began, is %s its interval', (kind, ms, position, delayMs, slotDelayMs) => {
    expect(timeArrival(kind, SLOT, START_MS + ms)).toMatchObject({ position, delayMs, slotDelayMs })
  })

  it.each([
    [SLOT - 4, undefined],
    [SLOT - 5, 'past'],
    [0, 'past'],
    [SLOT + 4, undefined],
    [SLOT + 5, 'future'],
    [2 ** 32, 'future'],
    [undefined, 'malformed'],
  ] as const)("by the slot %s is at fault when that is over four slots from the wall clock's: %s", (slot, fault) => {
    const arrival = timeArrival('block', slot, START_MS + 500)
    expect(arrival.fault).toBe(fault)
    if (fault) expect(arrival).toMatchObject({ position: 'inside', delayMs: 500, slotDelayMs: 500 })
    else expect(arrival.slotDelayMs).toBe(500 + (SLOT - (slot ?? 0)) * 4000)
  })

  it('says what its own slot says of the clock, however unlikely, and nothing without one', () => {
    expect(timeArrival('block', 0, START_MS).ownDelayMs).toBe(START_MS)
    expect(timeArrival('attestation', SLOT + 15, START_MS).ownDelayMs).toBe(-60_800)
    expect(timeArrival('block', undefined, START_MS)).not.toHaveProperty('ownDelayMs')
  })

  it('is within 20.8 s of what it is measured from, and in the position that its delay says', () => {
    const slot = fc.option(fc.oneof(fc.integer({ min: 0, max: 2 ** 32 }), fc.integer({ min: 990, max: 1010 })), {
      nil: undefined,
    })
    const time = fc.oneof(fc.nat(2 ** 40), fc.integer({ min: 990 * 4000, max: 1010 * 4000 }))
    fc.assert(
      fc.property(fc.constantFrom(...TOPIC_KINDS), slot, time, (kind, slot, ms) => {
        const { position, delayMs, slotDelayMs } = timeArrival(kind, slot, ms)
        expect(Math.max(Math.abs(delayMs), Math.abs(slotDelayMs))).toBeLessThanOrEqual(20_800)
        expect(position).toBe(delayMs < 0 ? 'before' : delayMs < 800 ? 'inside' : 'after')
        if (kind === 'aggregation') expect(position).not.toBe('before')
      }),
      { numRuns: 2000 },
    )
  })
})
