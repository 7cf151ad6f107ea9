import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthOf, spreadPercent } from '../../bench/support/linearity.ts'

const AT = [1, 4, 16, 64]
const finite = (min: number) => fc.double({ min, max: 1e6, noNaN: true })
const curve = (of: (at: number) => number, spread = 0) =>
  AT.map((at) => ({ at, values: [of(at) * (1 - spread), of(at) * (1 + spread)] }))

describe('the growth of a curve', () => {
  it('is in a line where each unit more costs as much', () => {
    fc.assert(
      fc.property(finite(1), finite(0), (base, each) => {
        const growth = growthOf(curve((at) => base + each * at))
        expect(growth.perUnit).toBeCloseTo(each, 3)
        expect(Math.abs(growth.abovePercent)).toBeLessThan(1e-6)
      }),
    )
  })

  it('is below a line where what comes later costs less, and so is nothing at all', () => {
    expect(growthOf(curve(Math.sqrt)).abovePercent).toBeLessThan(0)
    expect(growthOf(curve(() => 7))).toEqual({ perUnit: 0, abovePercent: 0, surelyAbovePercent: 0 })
  })

  it('is above a line where only the last step costs more', () => {
    const { abovePercent, surelyAbovePercent } = growthOf(curve((at) => 10 + at + (at === 64 ? 37 : 0)))
    expect(abovePercent).toBeCloseTo(50)
    expect(surelyAbovePercent).toBeCloseTo(50)
  })

  it('is not surely above it where equal measurements differ by as much', () => {
    const bent = (at: number) => 100 + at + (at === 64 ? 4 : 0)
    expect(growthOf(curve(bent, 0.05)).abovePercent).toBeGreaterThan(0)
    expect(growthOf(curve(bent, 0.05)).surelyAbovePercent).toBeLessThan(0)
    expect(growthOf(curve((at) => at ** 2, 0.05)).surelyAbovePercent).toBeGreaterThan(100)
  })

  it('is above what does not grow, where it fell by chance between', () => {
    expect(growthOf(curve((at) => (at === 1 ? 8 : at === 64 ? 10 : 4))).abovePercent).toBeCloseTo(25)
  })

  it('is known as well as equal measurements agree', () => {
    expect(spreadPercent(curve((at) => at))).toBe(0)
    expect(spreadPercent([...curve((at) => at, 0.1), { at: 5, values: [10, 15, 12] }])).toBeCloseTo(50)
  })

  it('is not told of two points', () => {
    expect(() => growthOf(curve((at) => at).slice(2))).toThrow('a curve has three points or more: 2')
  })
})
