import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthOf, relativeSpread } from '../../bench/support/linearity.ts'

const AT = [1, 4, 16, 64]
const SPREAD = 0.01
const finite = (min: number) => fc.double({ min, max: 1e6, noNaN: true })
const curve = (of: (at: number) => number, sizes = AT) =>
  sizes.map((at) => ({ at, values: [of(at) * 0.9, of(at) * 1.1] }))
const growth = (of: (at: number) => number, spread = SPREAD) => growthOf(curve(of), spread)
/** Of three sizes, 0, 1 and 2. */
const verdict = (values: readonly number[], spread = SPREAD) =>
  growthOf(
    values.map((value, at) => ({ at, values: [value] })),
    spread,
  ).verdict

describe('the growth of a curve', () => {
  it('is in a line where each unit more costs as much', () => {
    fc.assert(
      fc.property(finite(1), finite(0), (base, each) => {
        const { perUnit, shown, verdict } = growth((at) => base + each * at)
        expect(perUnit).toBeCloseTo(each, 3)
        expect(Math.abs(shown.below.percent)).toBeLessThan(1e-6)
        expect(verdict.startsWith('reached')).toBe(shown.squarePercent > shown.below.chance)
      }),
    )
  })

  it('is that of a square where it is one: missed where that is told apart from a line, and never reached', () => {
    fc.assert(
      fc.property(finite(1), finite(1), (base, each) => {
        const { shown, verdict } = growth((at) => base + each * at ** 2)
        expect(shown.below.percent).toBeCloseTo(shown.squarePercent, 6)
        expect(verdict === 'MISSED').toBe(shown.squarePercent > shown.below.chance)
        expect(verdict).not.toContain('reached')
      }),
    )
  })

  it('is reached in a line of which a square is told apart, and above it', () => {
    const line = growth((at) => 100 + at)
    expect(line).toMatchObject({ added: { percent: (63 / 101) * 100 }, shown: { at: 16 } })
    expect(line.verdict).toBe('reached, at most 32.4 % of it a square')
    expect(growth(Math.sqrt).verdict).toBe('reached, at most 0.0 % of it a square')
    expect(growth(Math.sqrt).shown.below.percent).toBeLessThan(-20)
  })

  it('tells how much of it may be a square, from how near to one it may be', () => {
    // A line has 140 in the middle, a square 120, and three and a half errors are 6.1: of 20.
    expect(verdict([100, 140, 180])).toBe('reached, at most 30.5 % of it a square')
    expect(verdict([100, 138, 180])).toBe('reached, at most 40.2 % of it a square')
  })

  it('is missed where a size between is further below the line than chance, and be it one of several', () => {
    const missed = growth((at) => (at === 64 ? 200 : 137))
    expect(missed.verdict).toBe('MISSED')
    expect(missed.shown).toMatchObject({ at: 16 })
    expect(missed.shown.below.percent).toBeCloseTo(9.9, 1)
    expect(growth((at) => (at === 4 ? 50 : 100))).toMatchObject({ verdict: 'MISSED', shown: { at: 4 } })
  })

  it('is missed where it is as large in the end as at first, a little more or a little less', () => {
    expect(verdict([100, 50, 100.1])).toBe('MISSED')
    expect(verdict([100, 50, 99.9])).toBe('MISSED')
  })

  it('falls where no size takes less than the largest, but for chance, however early it fell', () => {
    expect(verdict([100, 60, 50])).toBe('falls')
    expect(verdict([100, 49.9, 50])).toBe('falls')
    expect(verdict([100, 20, 50])).toBe('MISSED')
  })

  it('is not told where it may be a line and a square', () => {
    expect(verdict([100, 105, 110], 0.01)).toBe('not told: too little grows')
    expect(verdict([100, 105, 110], 0.004)).toContain('reached')
    // As far from a line, which has 110, as from a square, which has 105.
    expect(verdict([100, 107.5, 120], 0.007)).toBe('not told: too little grows')
  })

  it('is not seen where all that is added may be chance, and how much it may be is said', () => {
    expect(verdict([100, 100, 101])).toBe('not seen to grow, at most 6.0 %')
    expect(verdict([100, 100, 100])).toBe('not seen to grow, at most 5.0 %')
  })

  it('is reached where a size between takes more than the largest', () => {
    expect(verdict([100, 150, 101])).toBe('reached, at most 0.0 % of it a square')
  })

  it.each([0, 1, 2])('is not measured where nothing came of a size', (lost) => {
    expect(verdict([100, 110, 120].with(lost, Infinity))).toBe('not measured')
  })

  it('is not measured where a larger size did not come about', () => {
    expect(
      growthOf(
        curve((at) => at, [1, 4, 4]),
        SPREAD,
      ).verdict,
    ).toBe('not measured')
  })

  it('is of means', () => {
    const points = [1, 2, 3].map((at) => ({ at, values: at === 2 ? [10, 10, 4] : [10, 10, 10] }))
    expect(growthOf(points, SPREAD).shown.below.percent).toBeCloseTo(20)
  })

  it('is not told of two points', () => {
    expect(() =>
      growthOf(
        curve((at) => at, [1, 2]),
        SPREAD,
      ),
    ).toThrow('a curve has three points or more: 2')
  })
})

describe('what may be chance', () => {
  const ERRORS = 3.5

  it('is that of the size and of both ends of the line, each as near as it is', () => {
    const points = [0, 1, 4].map((at) => ({ at, values: [100] }))
    const { added, shown } = growthOf(points, 0.02)
    expect(added.chance).toBeCloseTo(ERRORS * 2 * Math.SQRT2)
    expect(shown.below.chance).toBeCloseTo(ERRORS * 2 * Math.sqrt(1 + 0.75 ** 2 + 0.25 ** 2))
  })

  it('is less where a size was measured more often, at the end where it was', () => {
    const points = [0, 1, 4].map((at) => ({ at, values: at === 0 ? [100, 100, 100, 100] : [100] }))
    const { added, shown } = growthOf(points, 0.02)
    expect(added.chance).toBeCloseTo(ERRORS * 2 * Math.sqrt(1.25))
    expect(shown.below.chance).toBeCloseTo(ERRORS * 2 * Math.sqrt(1 + 0.75 ** 2 / 4 + 0.25 ** 2))
  })
})

describe('the spread of a measurement', () => {
  const curve = [
    [90, 110],
    [11, 9],
  ]

  it('is the share that equal ones differ by, over all sizes of all curves', () => {
    // Four shares of a tenth, of which one is free.
    expect(relativeSpread([curve])).toBeCloseTo(0.2)
    expect(relativeSpread([curve, curve])).toBeCloseTo(0.2)
    expect(relativeSpread([curve, [[5], [6]]])).toBeCloseTo(0.2)
  })

  it('has nothing of what makes a round larger or smaller than another for all sizes alike', () => {
    const sizes = [
      [98, 105, 97],
      [203, 196, 201],
      [400, 391, 409],
    ]
    const slow = sizes.map((values) => values.map((value, round) => value * [1, 1.5, 0.8][round]!))
    expect(relativeSpread([sizes])).toBeGreaterThan(0.02)
    expect(relativeSpread([slow])).toBeCloseTo(relativeSpread([sizes]), 2)
    expect(
      relativeSpread([
        [
          [10, 20, 30],
          [5, 10, 15],
        ],
      ]),
    ).toBe(0.0005)
  })

  it('is a digit more where equal ones are equal', () => {
    expect(
      relativeSpread([
        [
          [5, 5],
          [7, 7],
        ],
      ]),
    ).toBe(0.0005)
  })

  it('is that of the other curves where nothing came of a size', () => {
    expect(
      relativeSpread([
        curve,
        [
          [Infinity, 5],
          [5, 6],
        ],
      ]),
    ).toBeCloseTo(0.2)
  })
})
