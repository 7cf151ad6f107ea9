import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finalizedRoots, namedHeads, ZERO_ROOT } from '../../src/mesh/peer-head.ts'
import { headOf } from '../support/network-states.ts'

const finalized = (finalizedSlot: number, finalizedRoot: string) => headOf('any', { finalizedSlot, finalizedRoot })

const heads = fc.array(
  fc
    .record({ finalizedSlot: fc.integer({ min: 0, max: 3 }), finalizedRoot: fc.constantFrom('00', 'aa', 'bb', 'cc') })
    .map(({ finalizedSlot, finalizedRoot }) => finalized(finalizedSlot, finalizedRoot)),
)

describe('the finalized roots', () => {
  it('are one where all agree, and two where a peer is on a fork', () => {
    expect(finalizedRoots([finalized(8, 'aa'), finalized(8, 'aa')])).toBe(1)
    expect(finalizedRoots([finalized(8, 'aa'), finalized(8, 'bb'), finalized(8, 'aa')])).toBe(2)
  })

  it('of different slots are no fork', () => {
    expect(finalizedRoots([finalized(8, 'aa'), finalized(9, 'bb')])).toBe(1)
  })

  it('are unknown where nobody tells one, as before the first finalization', () => {
    expect(finalizedRoots([])).toBeUndefined()
    expect(finalizedRoots([finalized(0, ZERO_ROOT), finalized(5, ZERO_ROOT)])).toBeUndefined()
    expect(finalizedRoots([finalized(0, ZERO_ROOT), finalized(0, 'aa')])).toBe(1)
  })

  it('of peers of another genesis are two at slot 0', () => {
    expect(finalizedRoots([finalized(0, 'aa'), finalized(0, 'bb')])).toBe(2)
  })

  it('do not depend on the order', () => {
    const shuffled = heads.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([list, others]) => {
        expect(finalizedRoots(others)).toBe(finalizedRoots(list))
      }),
    )
  })

  it('are never more than the peers, nor fewer for one peer more', () => {
    fc.assert(
      fc.property(heads, (list) => {
        const count = finalizedRoots(list) ?? 0
        expect(count).toBeLessThanOrEqual(list.length)
        expect(finalizedRoots([...list, finalized(1, 'dd')])).toBeGreaterThanOrEqual(Math.max(1, count))
      }),
    )
  })
})

it('heads have the names of the table, and of a name there is one', () => {
  const names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
  ])
  const told = [headOf('a'), headOf('stranger'), headOf('a', { headSlot: 21 })]
  expect(namedHeads(told, names)).toEqual([{ client: 'zeam_0', head: headOf('a', { headSlot: 21 }) }])
  expect(namedHeads(told, undefined)).toEqual([])
})
