import { once } from 'node:events'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LagMeter, startLagMeter, turnLag } from '../../src/lifecycle/event-loop-lag.ts'
import { block } from '../support/block.ts'

/** One hundredth of it is 100 ms, of which nothing is told. */
const WINDOW_MS = 10_000

/** The share of all moments that are followed by a longer wait. */
function shareBeyond(lag: number, turns: readonly number[], duration: number): number {
  return turns.reduce((sum, turn) => sum + Math.max(0, turn - lag), 0) / duration
}

describe('lag of turns', () => {
  it('is what one moment of a hundred has to wait longer than', () => {
    const turns = fc.array(fc.double({ min: 0.001, max: 3000, noNaN: true }), { maxLength: 400 })
    const check = (turnsMs: number[]) => {
      const lag = turnLag(turnsMs, WINDOW_MS)
      expect(shareBeyond(lag, turnsMs, WINDOW_MS)).toBeLessThanOrEqual(0.01 + 1e-9)
      if (lag > 0) expect(shareBeyond(lag, turnsMs, WINDOW_MS)).toBeCloseTo(0.01, 9)
    }
    fc.assert(fc.property(turns, check))
  })

  it('of one long turn among very many short ones is that of the long one', () => {
    const turnsMs = [...Array.from({ length: 5000 }, () => 0.05), 500]
    expect(turnLag(turnsMs, WINDOW_MS)).toBeCloseTo(400)
  })

  it('is nothing where nothing ran, or hardly anything', () => {
    expect(turnLag([], WINDOW_MS)).toBe(0)
    expect(turnLag([40, 30, 20], WINDOW_MS)).toBe(0)
  })
})

const TALK_MS = 200
/** Says something now and then, from another thread: what is read of it wakes this one, and no timer of its own. */
const TALKER = `setInterval(() => require('node:worker_threads').parentPort.postMessage(0), ${TALK_MS})`

describe('lag meter', () => {
  let meter: LagMeter | undefined
  let talker: Worker | undefined
  // Time passes where a test says so.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
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
    const { seconds } = (meter = startLagMeter(4 * WINDOW_MS))
    await hears()
    const before = seconds()
    const tookMs = await hears().then(() => block(500))
    await nextTurn()
    for (let turn = 0; turn < 4; turn++) await hears()
    expect(before).toBe(0)
    expect(seconds()).toBeGreaterThan(tookMs / 1000 - 0.401)
    expect(seconds()).toBeLessThan(tookMs / 1000 - 0.2)
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

  it('makes no turns', async () => {
    const turns = () => performance.nodeTiming.uvMetricsInfo.loopCount
    const hears = startTalker()
    await hears()
    meter = startLagMeter(WINDOW_MS)
    const before = turns()
    await hears()
    expect(turns() - before).toBeLessThan(100)
  })

  it('measures nothing once it is stopped', async () => {
    const { seconds, stop } = startLagMeter(WINDOW_MS)
    stop()
    await delay(1)
    block(300)
    await nextTurn()
    expect(seconds()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells how late a timer was the second time, where the process got no core, and not in the next window', () => {
    const now = performance.now.bind(performance)
    const { seconds } = (meter = startLagMeter(WINDOW_MS))
    let passedMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs)
    // The timer fires at once, of which the clock says that it is 1.4 s later.
    const beLate = () => {
      passedMs += 1400
      vi.advanceTimersByTime(1000)
    }
    beLate()
    expect(seconds()).toBe(0)
    beLate()
    expect(seconds()).toBeCloseTo(0.4, 1)
    vi.advanceTimersByTime(2 * WINDOW_MS)
    expect(seconds()).toBe(0)
  })
})
