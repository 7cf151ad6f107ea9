import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largestPlausibleSlot, readHead } from '../../src/measure/read-head.ts'
import { ZERO_ROOT } from '../../src/mesh/peer-head.ts'
import { statusBody } from '../support/status-body.ts'

const GENESIS_SECONDS = 1_800_000_000
/** 1,000 slots of 4 s later. */
const NOW_MS = (GENESIS_SECONDS + 4000) * 1000
const UNKNOWN_GENESIS = largestPlausibleSlot(NOW_MS, undefined)

describe('the largest plausible slot', () => {
  it('is two minutes ahead of the wall clock where the genesis time is known', () => {
    expect(largestPlausibleSlot(NOW_MS, GENESIS_SECONDS)).toBe(1032)
  })

  it('is two minutes of slots before genesis, too', () => {
    expect(largestPlausibleSlot(0, GENESIS_SECONDS)).toBe(32)
  })

  it('is beyond all that can be where the genesis time is not known', () => {
    expect(UNKNOWN_GENESIS).toBe(2 ** 40)
  })
})

describe('a head', () => {
  it('is read from the body of a Status, whatever is in it', () => {
    const root = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
    const slot = fc.nat({ max: 2 ** 40 })
    const head = fc.record({ headSlot: slot, headRoot: root, finalizedSlot: slot, finalizedRoot: root })
    fc.assert(
      fc.property(head, ({ headSlot: a, finalizedSlot: b, ...roots }) => {
        const fields = { headSlot: Math.max(a, b), finalizedSlot: Math.min(a, b), ...roots }
        expect(readHead(statusBody(fields), UNKNOWN_GENESIS)).toEqual(fields)
      }),
    )
  })

  it('is none when it is behind what it says is finalized, unless it claims no head', () => {
    expect(readHead(statusBody({ headSlot: 5, finalizedSlot: 6 }), UNKNOWN_GENESIS)).toBeUndefined()
    const headless = { headSlot: 0, headRoot: ZERO_ROOT, finalizedSlot: 6 }
    expect(readHead(statusBody(headless), UNKNOWN_GENESIS)).toMatchObject({ finalizedSlot: 6 })
  })

  it.each([
    ['head', 'headSlot'],
    ['finalized', 'finalizedSlot'],
  ] as const)('is none when the %s slot cannot be', (_, field) => {
    expect(readHead(statusBody({ headSlot: 1032, [field]: 1032 }), 1032)).toMatchObject({ [field]: 1032 })
    for (const slot of [1033, 2 ** 40 + 1, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(readHead(statusBody({ [field]: slot }), 1032)).toBeUndefined()
      if (slot > 1033) expect(readHead(statusBody({ [field]: slot }), UNKNOWN_GENESIS)).toBeUndefined()
    }
  })
})
