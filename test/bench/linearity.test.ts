import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chancePercent, growthOf, growthVerdict } from '../../bench/support/linearity.ts'

const AT = [1, 4, 16, 64]
const finite = (min: number) => fc.double({ min, max: 1e6, noNaN: true })
const curve = (of: (at: number) => number) => AT.map((at) => ({ at, values: [of(at) * 0.9, of(at) * 1.1] }))

describe('the growth of a curve', () => {
  it('is in a line where each unit more costs as much', () => {
    fc.assert(
      fc.property(finite(1), finite(0), (base, each) => {
        const { perUnit, belowPercent } = growthOf(curve((at) => base + each * at))
        expect(perUnit).toBeCloseTo(each, 3)
        expect(Math.abs(belowPercent)).toBeLessThan(1e-6)
      }),
    )
  })

  it('is that of a square where it is one', () => {
    fc.assert(
      fc.property(finite(1), finite(1), (base, each) => {
        const { belowPercent, squarePercent } = growthOf(curve((at) => base + each * (at - 1) ** 2))
        expect(belowPercent).toBeCloseTo(squarePercent, 6)
        expect(squarePercent).toBeGreaterThan(0)
      }),
    )
  })

  it('is above the line where what comes later costs less, and on it where nothing grows', () => {
    expect(growthOf(curve(Math.sqrt)).belowPercent).toBeLessThan(-20)
    expect(growthOf(curve(() => 7))).toEqual({ perUnit: 0, allPercent: 0, belowPercent: 0, squarePercent: 0 })
  })

  it('is below the line where what comes later costs more, and be it the last step alone', () => {
    expect(growthOf(curve((at) => 100 + at ** 2)).belowPercent).toBeCloseTo(66.9, 1)
    expect(growthOf(curve((at) => (at === 64 ? 200 : 137))).belowPercent).toBeCloseTo(9.9, 1)
  })

  it('is that of the point that is furthest below, and of means', () => {
    expect(growthOf(curve((at) => (at === 4 ? 50 : 100))).belowPercent).toBeCloseTo(50)
    const skewed = [1, 2, 3].map((at) => ({ at, values: at === 2 ? [10, 10, 4] : [10, 10, 10] }))
    expect(growthOf(skewed).belowPercent).toBeCloseTo(20)
  })

  it('is not known where nothing came of a size', () => {
    const points = curve((at) => (at === 16 ? Infinity : at))
    expect(growthVerdict(growthOf(points), 1)).toBe('not measured')
  })

  it('is not told of two points', () => {
    expect(() => growthOf(curve((at) => at).slice(2))).toThrow('a curve has three points or more: 2')
  })
})

describe('what may be chance', () => {
  it('is a digit more where equal measurements are equal', () => {
    expect(chancePercent([5, 5, 5], 2)).toBe(0.1)
  })

  it('is four standard errors of the mean', () => {
    expect(chancePercent([9, 10, 11], 1)).toBeCloseTo(40)
    expect(chancePercent([9, 10, 11], 4)).toBeCloseTo(20)
  })
})

describe('the verdict on a curve', () => {
  const growth = { perUnit: 1, allPercent: 300, belowPercent: 2, squarePercent: 30 }

  it('is missed where it is below the line by more than chance', () => {
    expect(growthVerdict(growth, 1.9)).toBe('MISSED')
    expect(growthVerdict(growth, 2)).toBe('reached')
  })

  it('is not told where a square would pass as well', () => {
    expect(growthVerdict(growth, 29)).toBe('reached')
    expect(growthVerdict(growth, 30)).toBe('not told: too little grows')
  })

  it('is reached by what falls, however early', () => {
    const falling = { perUnit: -1, allPercent: -20, belowPercent: 9, squarePercent: -4 }
    expect(growthVerdict(falling, 1)).toBe('reached, not seen to grow')
  })

  it('is reached where all that is added is no more than chance, but for a size between that stands out', () => {
    const little = { perUnit: 1, allPercent: 2, belowPercent: 1, squarePercent: 0.4 }
    expect(growthVerdict(little, 2)).toBe('reached, not seen to grow')
    expect(growthVerdict(little, 1.9)).toBe('not told: too little grows')
    expect(growthVerdict({ ...little, belowPercent: 2.1 }, 2)).toBe('MISSED')
  })
})
