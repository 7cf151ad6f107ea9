import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBackOff } from '../../src/lifecycle/back-off.ts'

const NO_JITTER = () => 0

describe('back-off', () => {
  it('doubles from the initial delay up to the maximum, and stays there', () => {
    const backOff = createBackOff({ initialMs: 1000, maxMs: 30_000, jitter: 0 }, NO_JITTER)
    expect(Array.from({ length: 8 }, () => backOff.next())).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
  })

  it('begins anew after a reset', () => {
    const backOff = createBackOff({ initialMs: 500, maxMs: 30_000, jitter: 0 }, NO_JITTER)
    backOff.next()
    backOff.next()
    backOff.reset()
    expect(backOff.next()).toBe(500)
  })

  it('never leaves its bounds, whatever the jitter, the random numbers and the resets', () => {
    const options = fc.record({
      initialMs: fc.integer({ min: 1, max: 10_000 }),
      maxMs: fc.integer({ min: 10_000, max: 120_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const calls = fc.array(fc.record({ random: fc.double({ min: 0, max: 0.999, noNaN: true }), reset: fc.boolean() }))
    fc.assert(
      fc.property(options, calls, (options, calls) => {
        let random = 0
        const backOff = createBackOff(options, () => random)
        let sinceReset = 0
        for (const call of calls) {
          if (call.reset) {
            backOff.reset()
            sinceReset = 0
          }
          random = call.random
          const full = Math.min(options.initialMs * 2 ** sinceReset, options.maxMs)
          const delay = backOff.next()
          expect(delay).toBeLessThanOrEqual(full)
          expect(delay).toBeGreaterThanOrEqual(full * (1 - options.jitter) - 1e-6)
          sinceReset += 1
        }
      }),
    )
  })
})
