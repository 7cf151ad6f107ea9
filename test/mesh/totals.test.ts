import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addTotals, type Total } from '../../src/mesh/totals.ts'

const total: fc.Arbitrary<Total> = fc.record({
  metric: fc.constantFrom('dials_total', 'messages_total'),
  labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'), { maxKeys: 2 }),
  value: fc.nat(),
})
const totals = fc.array(total, { maxLength: 12 })

/** The totals as values by series, the labels in one order. */
function bySeries(all: readonly Total[]): Record<string, number> {
  const key = ({ metric, labels }: Total) => `${metric} a=${labels['a'] ?? '-'} b=${labels['b'] ?? '-'}`
  return Object.fromEntries(all.map((each) => [key(each), Number(each.value)]))
}

describe('adding totals', () => {
  it('is associative: swarms that died may be carried over in any grouping', () => {
    fc.assert(
      fc.property(totals, totals, totals, (a, b, c) => {
        expect(bySeries(addTotals(addTotals(a, b), c))).toEqual(bySeries(addTotals(a, addTotals(b, c))))
      }),
    )
  })

  it('is commutative', () => {
    fc.assert(
      fc.property(totals, totals, (a, b) => {
        expect(bySeries(addTotals(a, b))).toEqual(bySeries(addTotals(b, a)))
      }),
    )
  })

  it('has one total a series, however its labels were ordered', () => {
    const one = { metric: 'm', labels: { a: '1', b: '2' }, value: 1 }
    const same = { metric: 'm', labels: { b: '2', a: '1' }, value: 2 }
    expect(addTotals([one], [same]).map(({ value }) => value)).toEqual([3])
  })

  it('keeps apart series whose labels only look alike when written in a row', () => {
    const one = { metric: 'm', labels: { a: '1","b":"2' }, value: 1 }
    const other = { metric: 'm', labels: { a: '1', b: '2' }, value: 1 }
    expect(addTotals([one], [other])).toHaveLength(2)
  })

  it('with carry-over never lets a counter go back, through any number of restarts', () => {
    // Each swarm counts up from 0 in steps; when it dies, its last totals are carried.
    const swarm = fc.array(fc.array(fc.nat(100), { minLength: 2, maxLength: 2 }), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(swarm, { maxLength: 5 }), (swarms) => {
        let carried: Total[] = []
        let last: Record<string, number> = {}
        for (const steps of swarms) {
          let live = asTotals([0, 0])
          for (const step of steps) {
            live = addTotals(live, asTotals(step))
            const seen = bySeries(addTotals(carried, live))
            for (const [series, value] of Object.entries(last)) expect(seen[series]).toBeGreaterThanOrEqual(value)
            last = seen
          }
          carried = addTotals(carried, live)
        }
      }),
    )
  })

  it('changes neither of its arguments', () => {
    fc.assert(
      fc.property(totals, totals, (a, b) => {
        const before = structuredClone([a, b])
        addTotals(a, b)
        expect([a, b]).toEqual(before)
      }),
    )
  })
})

function asTotals([success = 0, failure = 0]: number[]): Total[] {
  return [
    { metric: 'dials_total', labels: { a: '1' }, value: success },
    { metric: 'dials_total', labels: { a: '2' }, value: failure },
  ]
}
