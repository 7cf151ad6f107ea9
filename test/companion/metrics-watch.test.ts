import { expect, test } from 'vitest'
import type { Examination } from '../../src/companion/examine-metrics.ts'
import { createMetricsWatch } from '../../src/companion/metrics-watch.ts'

const REPORT: Examination = {
  ok: true,
  problems: [],
  metrics: [],
  meshPeers: { definition: 'unknown', why: 'made up' },
}
const REFUSED: Examination = { ok: false, reason: 'unreachable', detail: 'connection refused' }

/** A watch whose readings end when the test says so, and how often it read. */
function setUp() {
  const clock = { nowMs: 0 }
  const readings: PromiseWithResolvers<Examination>[] = []
  const signals: AbortSignal[] = []
  const watch = createMetricsWatch({
    examine(signal) {
      signals.push(signal)
      const reading = Promise.withResolvers<Examination>()
      readings.push(reading)
      return reading.promise
    },
    nowMs: () => clock.nowMs,
  })
  const answer = async (examination: Examination) => {
    readings.at(-1)?.resolve(examination)
    // Two turns: of the reading, and of who waits for it.
    await Promise.resolve()
    await Promise.resolve()
  }
  return { watch, clock, readings, signals, answer }
}

test('a reading begins when somebody asks, is waited for by nobody, and is shown once it has ended', async () => {
  const { watch, readings, answer } = setUp()
  expect(readings).toHaveLength(0)
  watch.refresh()
  expect([readings.length, watch.report()]).toEqual([1, undefined])
  await answer(REPORT)
  expect(watch.report()).toBe(REPORT)
})

test('there are 15 s from one beginning to the next, and never two readings at once', async () => {
  const { watch, clock, readings, answer } = setUp()
  watch.refresh()
  clock.nowMs = 20_000
  watch.refresh()
  expect(readings, 'while the first goes on').toHaveLength(1)
  await answer(REPORT)
  watch.refresh()
  clock.nowMs = 34_999
  watch.refresh()
  expect(readings).toHaveLength(2)
  await answer(REPORT)
  watch.refresh()
  expect(readings).toHaveLength(2)
  clock.nowMs = 35_000
  watch.refresh()
  expect(readings).toHaveLength(3)
})

test('a reading that failed takes away the report, says why at each refresh, and is tried again', async () => {
  const { watch, clock, readings, answer } = setUp()
  watch.refresh()
  await answer(REPORT)
  clock.nowMs = 15_000
  watch.refresh()
  await answer(REFUSED)
  expect(watch.report()).toBeUndefined()
  expect(() => watch.refresh()).toThrow('connection refused')
  clock.nowMs = 30_000
  expect(() => watch.refresh()).toThrow('connection refused')
  expect(readings).toHaveLength(3)
  await answer(REPORT)
  expect(() => watch.refresh()).not.toThrow()
  expect(watch.report()).toBe(REPORT)
})

test('a report that is over two minutes old is none', async () => {
  const { watch, clock, answer } = setUp()
  watch.refresh()
  await answer(REPORT)
  clock.nowMs = 120_000
  expect(watch.report()).toBe(REPORT)
  clock.nowMs = 120_001
  expect(watch.report()).toBeUndefined()
})

test('stopping ends a reading, and none begins any more', async () => {
  const { watch, clock, readings, signals, answer } = setUp()
  watch.refresh()
  watch.stop()
  expect(signals[0]?.aborted).toBe(true)
  await answer(REPORT)
  clock.nowMs = 60_000
  watch.refresh()
  expect(readings).toHaveLength(1)
})
