import { createHistogram } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LagMeter, startLagMeter, turnLag } from '../../src/lifecycle/event-loop-lag.ts'
import { block } from '../support/block.ts'

const MS = 1e6
/** What the histogram keeps of a figure, and what turns that are taken together may add. */
const ROUNDING = 1.002
const TOGETHER = 1.07

function histogramOf(turnsMs: readonly number[]) {
  const histogram = createHistogram()
  for (const ms of turnsMs) histogram.record(Math.round(ms * MS))
  return histogram
}

/** The share of all moments that are followed by a longer wait. */
function shareBeyond(lagSeconds: number, turnsMs: readonly number[], seconds: number): number {
  return turnsMs.reduce((sum, ms) => sum + Math.max(0, ms / 1000 - lagSeconds), 0) / seconds
}

describe('lag of turns', () => {
  it('is what one moment of a hundred has to wait longer than', () => {
    const turns = fc.array(fc.double({ min: 0.001, max: 3000, noNaN: true }), { minLength: 1, maxLength: 400 })
    const check = (turnsMs: number[]) => {
      const seconds = 10
      const lag = turnLag(histogramOf(turnsMs), seconds)
      // The exact one is at most `lag`, and at least a little less.
      expect(shareBeyond(lag * ROUNDING, turnsMs, seconds)).toBeLessThanOrEqual(0.01)
      if (lag > 0.001) expect(shareBeyond(lag / TOGETHER / ROUNDING, turnsMs, seconds)).toBeGreaterThan(0.01)
    }
    fc.assert(fc.property(turns, check))
  })

  it('of one long turn among very many short ones is that of the long one', () => {
    const turnsMs = [500, ...Array.from({ length: 5000 }, () => 0.05)]
    expect(turnLag(histogramOf(turnsMs), 10)).toBeCloseTo(0.4, 2)
  })

  it('is nothing where nothing ran, or hardly anything', () => {
    expect(turnLag(histogramOf([]), 10)).toBe(0)
    expect(turnLag(histogramOf([40, 30, 20]), 10)).toBe(0)
  })
})

describe('lag meter', () => {
  let meter: LagMeter | undefined
  afterEach(() => meter?.stop())

  it('tells a turn that took long, and not after the reset', async () => {
    meter = startLagMeter()
    // What vitest does meanwhile is none of it.
    meter.reset()
    block(150)
    await nextTurn()
    expect(meter.seconds()).toBeGreaterThan(0.14)
    meter.reset()
    expect(meter.seconds()).toBe(0)
  })

  it('is told by a timer alone where Node does not take down turns', async () => {
    const { seconds } = (meter = startLagMeter(false))
    await vi.waitUntil(
      () => {
        block(150)
        return seconds() > 0.03
      },
      { timeout: 5000, interval: 1 },
    )
    expect(seconds()).toBeLessThan(5)
  })
})
