import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chancePercent, growthOf } from '../../bench/support/linearity.ts'

const AT = [1, 4, 16, 64]
const curve = (of: (at: number) => number) => AT.map((at) => ({ at, values: [of(at) * 0.9, of(at) * 1.1] }))

describe('the growth of a curve', () => {
  it('is in a line where each unit more costs as much', () => {
    const finite = (min: number) => fc.double({ min, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(finite(1), finite(0), (base, each) => {
        const { perUnit, belowPercent } = growthOf(curve((at) => base + each * at))
        expect(perUnit).toBeCloseTo(each, 3)
        expect(Math.abs(belowPercent)).toBeLessThan(1e-6)
      }),
    )
  })

  it('is above the line where what comes later costs less, and on it where nothing grows', () => {
    expect(growthOf(curve(Math.sqrt)).belowPercent).toBeLessThan(-20)
    expect(growthOf(curve(() => 7))).toEqual({ perUnit: 0, belowPercent: 0 })
  })

  it('is below the line where what comes later costs more, and be it the last step alone', () => {
    expect(growthOf(curve((at) => 100 + at ** 2)).belowPercent).toBeCloseTo(66.9, 1)
    expect(growthOf(curve((at) => (at === 64 ? 200 : 137))).belowPercent).toBeCloseTo(9.9, 1)
  })

  it('is not told of two points', () => {
    expect(() => growthOf(curve((at) => at).slice(2))).toThrow('a curve has three points or more: 2')
  })
})

describe('what may be chance', () => {
  it('is nothing where equal measurements are equal', () => {
    expect(chancePercent([5, 5, 5], 2)).toBe(0)
  })

  it('is four standard errors of the mean', () => {
    expect(chancePercent([9, 10, 11], 1)).toBeCloseTo(40)
    expect(chancePercent([9, 10, 11], 4)).toBeCloseTo(20)
  })
})
