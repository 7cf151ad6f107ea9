import { createHistogram, type Histogram } from 'node:perf_hooks'

/** How late the event loop is. */
export interface LagMeter {
  /** Of the last complete window, or of the first one while it runs. */
  seconds(): number
  stop(): void
}

/** The 99th percentile of all moments is told. */
const PERCENTILE = 99
/** A timer wakes a process that has nothing to do: seldom. */
const TICK_MS = 1000
/** What is beyond the longest turns is taken together, in steps of so many parts of what was taken before. */
const PARTS = 16

/**
 * Measures how long what happens at some moment waits for the event loop: by the length of each turn, which wakes nobody, and by how late a
 * timer of one second is, because a process that is given no core does not know it otherwise. Node's own monitor either wakes the process
 * for each look, or (`samplePerIteration`) leaves out what runs when something was read.
 *
 * @param windowMs length of a window, in milliseconds
 */
export function startLagMeter(windowMs: number): LagMeter {
  const turns = createHistogram()
  const stopTurns = onEachTurn((ms) => turns.record(Math.max(1, Math.round(ms * 1e6))))
  let [since, tickedAt, lateMs] = [performance.now(), performance.now(), 0]
  const tick = setInterval(() => {
    const now = performance.now()
    lateMs = Math.max(lateMs, now - tickedAt - TICK_MS)
    tickedAt = now
  }, TICK_MS).unref()
  const current = () => {
    // The first window is told before it is over: what comes of it is not known, and is taken for rest.
    const seconds = Math.max(windowMs, performance.now() - since) / 1000
    return Math.max(lateMs / 1000, turnLag(turns, seconds))
  }
  let complete: number | undefined
  const window = setInterval(() => {
    complete = current()
    turns.reset()
    lateMs = 0
    since = performance.now()
  }, windowMs).unref()
  return {
    seconds: () => complete ?? current(),
    stop() {
      for (const timer of [tick, window]) clearInterval(timer)
      stopTurns()
    },
  }
}

/**
 * Tells of each turn how long it took, in milliseconds, what it waited for something to do not counted. An immediate that nothing waits for
 * runs at the end of a turn, and does not make another one.
 *
 * @returns what ends it
 */
function onEachTurn(tell: (ms: number) => void): () => void {
  // Before the first wait it is 0.
  const busyMs = () => performance.now() - performance.nodeTiming.idleTime
  let before = busyMs()
  let next: NodeJS.Immediate
  const take = () => {
    const now = busyMs()
    tell(now - before)
    before = now
    next = setImmediate(take).unref()
  }
  next = setImmediate(take).unref()
  return () => clearImmediate(next)
}

/**
 * How long what happens at some moment waits for the turn that runs then, 99th percentile of all moments, in seconds. In a turn of `d` the
 * wait goes from `d` down to nothing, and is longer than `x` for `d - x`: it is the `x` for which these times are a hundredth of all.
 *
 * @param turns nanoseconds of each turn of the event loop, what it waited for something to do not counted
 * @param seconds how long they were taken down
 */
export function turnLag(turns: Pick<Histogram, 'count' | 'percentile'>, seconds: number): number {
  const allowed = (1 - PERCENTILE / 100) * seconds * 1e9
  let [taken, sum] = [0, 0]
  while (taken < turns.count) {
    const longestLeft = turns.percentile((100 * (turns.count - taken)) / turns.count)
    if (longestLeft * taken <= sum - allowed) break
    const more = Math.min(turns.count - taken, Math.max(1, Math.floor(taken / PARTS)))
    sum += longestLeft * more
    taken += more
  }
  return taken === 0 ? 0 : Math.max(0, (sum - allowed) / taken / 1e9)
}
