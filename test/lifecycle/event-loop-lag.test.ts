import { once } from 'node:events'
import { createHistogram } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LagMeter, startLagMeter, turnLag } from '../../src/lifecycle/event-loop-lag.ts'
import { block } from '../support/block.ts'

const MS = 1e6
/** One hundredth of it is 100 ms, of which nothing is told. */
const WINDOW_MS = 10_000
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
      if (lag > 0.002) expect(shareBeyond(lag / TOGETHER / ROUNDING, turnsMs, seconds)).toBeGreaterThan(0.01)
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

const TALK_MS = 200
/** Says something now and then, from another thread: what is read of it wakes this one, and no timer of its own. */
const TALKER = `setInterval(() => require('node:worker_threads').parentPort.postMessage(0), ${TALK_MS})`

describe('lag meter', () => {
  let meter: LagMeter | undefined
  let talker: Worker | undefined
  afterEach(async () => {
    meter?.stop()
    vi.restoreAllMocks()
    vi.useRealTimers()
    await talker?.terminate()
  })

  function startTalker(): () => Promise<unknown> {
    const worker = new Worker(TALKER, { eval: true })
    talker = worker
    return () => once(worker, 'message')
  }

  it('tells a turn in which what was read took long, once', async () => {
    const hears = startTalker()
    const { seconds } = (meter = startLagMeter(WINDOW_MS))
    await hears()
    const before = seconds()
    const tookMs = await hears().then(() => block(500))
    await nextTurn()
    for (let turn = 0; turn < 4; turn++) await hears()
    expect(before).toBeLessThan(0.3)
    expect(seconds()).toBeGreaterThan(tookMs / 1000 - 0.101)
    expect(seconds()).toBeLessThan(tookMs / 1000 - 0.05)
  })

  it('takes no wait for something to do for a turn', async () => {
    const hears = startTalker()
    await hears()
    // Of which 2 ms are allowed.
    meter = startLagMeter(TALK_MS)
    for (let turn = 0; turn < 3; turn++) await hears()
    expect(meter.seconds()).toBeLessThan(TALK_MS / 2000)
  })

  it('tells the last complete window, in which a timer took long, until the next one is complete', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { seconds } = (meter = startLagMeter(WINDOW_MS))
    await delay(1)
    block(500)
    await nextTurn()
    expect(seconds()).toBeGreaterThan(0.39)
    vi.advanceTimersByTime(WINDOW_MS)
    expect(seconds()).toBeGreaterThan(0.39)
    vi.advanceTimersByTime(WINDOW_MS)
    expect(seconds()).toBe(0)
  })

  it('takes what is not known yet of the first window for rest', async () => {
    meter = startLagMeter(WINDOW_MS)
    block(50)
    await nextTurn()
    expect(meter.seconds()).toBeLessThan(0.03)
  })

  it('tells how late a timer was, where the process got no core, and not in the next window', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const now = performance.now.bind(performance)
    const { seconds } = (meter = startLagMeter(WINDOW_MS))
    // The timer fires at once, of which the clock says that it is 1.4 s later.
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 1400)
    vi.advanceTimersByTime(1000)
    expect(seconds()).toBeCloseTo(0.4, 1)
    vi.advanceTimersByTime(2 * WINDOW_MS)
    expect(seconds()).toBeLessThan(0.1)
  })
})
