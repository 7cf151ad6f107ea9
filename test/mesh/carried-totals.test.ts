import { describe, expect, test } from 'vitest'
import { carryTotals, type Total } from '../../src/mesh/totals.ts'
import { largestTotals } from '../support/largest-totals.ts'

const counter = (value: number, topic_kind = 'block'): Total => ({ metric: 'a_total', labels: { topic_kind }, value })
const histogram = (counts: number[], sum: number): Total => ({
  metric: 'b_seconds',
  labels: {},
  value: { counts, sum },
})

describe('what is carried over from a swarm that died', () => {
  test('is added to what was carried before', () => {
    const carried = carryTotals([counter(3), histogram([1, 0], 2)], [counter(4), histogram([0, 2], -5)])
    expect(carried).toEqual([counter(7), histogram([1, 2], -3)])
  })

  test.each([
    ['no number', counter(Number.NaN)],
    ['without end', counter(Number.POSITIVE_INFINITY)],
    ['below 0', counter(-1)],
    ['a histogram with less than nothing', histogram([1, -1], 0)],
    ['a histogram without a sum', histogram([1, 1], Number.NaN)],
  ])('leaves out what cannot have been counted: %s', (_, died) => {
    const before = [counter(3), histogram([1, 0], 2)]
    expect(carryTotals(before, [died])).toEqual(before)
  })

  test('is all that can be counted, of two whole tables that have no name in common', () => {
    const lives = [largestTotals('a'), largestTotals('b')]
    const carried = lives.reduce<Total[]>((before, died) => carryTotals(before, died), [])
    const series = lives.flat().map(({ metric, labels }) => JSON.stringify([metric, labels]))
    expect(carried).toHaveLength(new Set(series).size)
  })

  test('is bounded, however many series a swarm makes up in each life', () => {
    let carried: Total[] = [counter(1, 'real')]
    for (let life = 0; life < 3; life++) {
      const madeUp = Array.from({ length: 15_000 }, (_, index) => counter(1, `${life}-${index}`))
      carried = carryTotals(carried, madeUp)
    }
    expect(carried).toHaveLength(20_000)
    expect(carried[0]).toEqual(counter(1, 'real'))
  })
})
