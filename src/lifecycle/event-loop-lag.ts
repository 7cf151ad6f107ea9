import { type Histogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How late the event loop was since the last reset. */
export interface LagMeter {
  seconds(): number
  reset(): void
  stop(): void
}

/** The 99th percentile of all moments is told. */
const PERCENTILE = 99
/** A timer says how late it is, and wakes a process that has nothing to do: seldom, where each turn is taken down besides. */
const TICK_MS = { besideTurns: 1000, alone: 100 }
/** What is beyond the longest turns is taken together, in steps of so many parts of what was taken before. */
const PARTS = 16

/**
 * Measures how long what happens at some moment waits for the event loop. Each turn is taken down where Node does that (since 24.20), which
 * wakes nobody. A timer is late as well where the process was given no core, and is all there is on an older Node: there a delay is told
 * up to 100 ms too short.
 *
 * @param hasTurns whether each turn is taken down
 */
export function startLagMeter(hasTurns = takesDownTurns()): LagMeter {
  const turns = hasTurns ? monitorEventLoopDelay({ samplePerIteration: true }) : undefined
  const tickMs = turns ? TICK_MS.besideTurns : TICK_MS.alone
  const ticks = monitorEventLoopDelay({ resolution: tickMs })
  const monitors = turns ? [turns, ticks] : [ticks]
  for (const each of monitors) each.enable()
  let since = performance.now()
  const tickLag = () => (ticks.count === 0 ? 0 : ticks.percentile(PERCENTILE) / 1e9 - tickMs / 1e3)
  return {
    seconds: () => Math.max(0, tickLag(), turns ? turnLag(turns, (performance.now() - since) / 1000) : 0),
    reset() {
      for (const each of monitors) each.reset()
      since = performance.now()
    },
    stop() {
      for (const each of monitors) each.disable()
    },
  }
}

/** A Node that does not know the option takes whatever it is given. */
function takesDownTurns(): boolean {
  try {
    monitorEventLoopDelay({ samplePerIteration: Number.NaN as never }).disable()
    return false
  } catch {
    return true
  }
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
