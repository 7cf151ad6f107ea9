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
        const { perUnit, below, verdict } = growth((at) => base + each * at)
        expect(perUnit).toBeCloseTo(each, 3)
        expect(Math.abs(below.percent)).toBeLessThan(1e-6)
        expect(verdict).not.toBe('MISSED')
      }),
    )
  })

  it('is that of a square where it is one, and never reached then', () => {
    fc.assert(
      fc.property(finite(1), finite(1), (base, each) => {
        const { below, squarePercent, verdict } = growth((at) => base + each * at ** 2)
        expect(below.percent).toBeCloseTo(squarePercent, 6)
        expect(squarePercent).toBeGreaterThan(0)
        expect(verdict).not.toBe('reached')
      }),
    )
  })

  it('is reached in a line of which a square is told apart, and above it', () => {
    expect(growth((at) => 100 + at)).toMatchObject({ verdict: 'reached', added: { percent: (63 / 101) * 100 } })
    expect(growth(Math.sqrt)).toMatchObject({ verdict: 'reached' })
    expect(growth(Math.sqrt).below.percent).toBeLessThan(-20)
  })

  it('is missed where a size between is further below the line than chance, and be it one of several', () => {
    const missed = growth((at) => (at === 64 ? 200 : 137))
    expect(missed.verdict).toBe('MISSED')
    expect(missed.below.percent).toBeCloseTo(9.9, 1)
    expect(growth((at) => (at === 4 ? 50 : 100))).toMatchObject({ verdict: 'MISSED', below: { percent: 50 } })
  })

  it('is missed where it is as large in the end as at first, a little more or a little less', () => {
    expect(verdict([100, 50, 100.1])).toBe('MISSED')
    expect(verdict([100, 50, 99.9])).toBe('MISSED')
  })

  it('falls where the largest size takes least, however early it fell', () => {
    expect(verdict([100, 60, 50])).toBe('falls')
    expect(verdict([100, 20, 50])).toBe('MISSED')
  })

  it('is not told where it may be a line and a square', () => {
    expect(verdict([100, 105, 110], 0.01)).toBe('not told: too little grows')
    expect(verdict([100, 105, 110], 0.004)).toBe('reached')
    // 108, where a square has 105 and a line 110: the one as far as the other.
    expect(verdict([100, 107.5, 120], 0.007)).toBe('not told: too little grows')
  })

  it('is not seen where all that is added may be chance, and how much it may be is said', () => {
    expect(verdict([100, 100, 101])).toBe('not seen to grow: 5 % at most')
    expect(verdict([100, 100, 100])).toBe('not seen to grow: 4 % at most')
    expect(verdict([100, 150, 100])).toBe('reached')
  })

  it.each([0, 1, 2])('is not measured where nothing came of a size', (lost) => {
    expect(verdict([100, 110, 120].with(lost, Infinity))).toBe('not measured')
  })

  it('is of means', () => {
    const points = [1, 2, 3].map((at) => ({ at, values: at === 2 ? [10, 10, 4] : [10, 10, 10] }))
    expect(growthOf(points, SPREAD).below.percent).toBeCloseTo(20)
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
  it('is three standard errors, of the size and of both ends of the line', () => {
    const { added, below } = growthOf(
      [0, 1, 2].map((at) => ({ at, values: [100, 100] })),
      0.02,
    )
    expect(added.chance).toBeCloseTo(3 * 2)
    expect(below.chance).toBeCloseTo(3 * 2 * Math.sqrt(1.5 / 2))
  })

  it('is less where a size was measured more often', () => {
    const points = [0, 1, 2].map((at) => ({ at, values: at === 0 ? [100, 100, 100, 100] : [100] }))
    expect(growthOf(points, 0.02).added.chance).toBeCloseTo(6 * Math.sqrt(1.25))
  })
})

describe('the spread of a measurement', () => {
  it('is the share that equal ones differ by, over all sizes', () => {
    expect(relativeSpread([[9, 10, 11]])).toBeCloseTo(0.1)
    expect(
      relativeSpread([
        [9, 10, 11],
        [90, 100, 110],
      ]),
    ).toBeCloseTo(0.1)
    expect(relativeSpread([[9, 10, 11], [5]])).toBeCloseTo(0.1)
  })

  it('is a digit more where equal ones are equal', () => {
    expect(relativeSpread([[5, 5, 5]])).toBe(0.0005)
  })

  it('is that of the others where nothing came of a size', () => {
    expect(
      relativeSpread([
        [9, 10, 11],
        [Infinity, 5],
      ]),
    ).toBeCloseTo(0.1)
  })
})
