/** How late the event loop is. */
export interface LagMeter {
  /** Of the last complete window, or of the first one while it runs. */
  seconds(): number
  stop(): void
}

/** Of all moments so many may wait longer than is told: the 99th percentile. */
const SHARE = 0.01
/** A timer wakes a process that has nothing to do: seldom. */
const TICK_MS = 1000
/** Shorter turns are not looked at: a window has at most as many longer ones as milliseconds. */
const LEAST_TURN_MS = 1

/**
 * Measures how long what happens at some moment waits for the event loop: by the length of each turn, which wakes nobody, and by how late a
 * timer of one second is, because a process that is given no core does not know it otherwise: the second latest of a window, as one alone
 * is no hundredth. Node's own monitor either wakes the process for each look, or (`samplePerIteration`) leaves out what runs when
 * something was read.
 *
 * @param windowMs length of a window, in milliseconds
 */
export function startLagMeter(windowMs: number): LagMeter {
  let turns: number[] = []
  let delays: number[] = []
  let since = performance.now()
  const stopTurns = onEachTurn((ms) => ms >= LEAST_TURN_MS && turns.push(ms))
  const stopTicks = onEachTick((lateMs) => delays.push(lateMs))
  const current = () => {
    // The first window is told before it is over: what comes of it is not known, and is taken for rest.
    const lag = turnLag(turns, Math.max(windowMs, performance.now() - since))
    const [, second = 0] = delays.toSorted(descending)
    return Math.max(lag, second) / 1000
  }
  let complete: number | undefined
  const window = setInterval(() => {
    complete = current()
    turns = []
    delays = []
    since = performance.now()
  }, windowMs).unref()
  return {
    seconds: () => complete ?? current(),
    stop() {
      clearInterval(window)
      stopTicks()
      stopTurns()
    },
  }
}

/**
 * Tells of each turn how long it took, in milliseconds, what it waited for something to do not counted. An immediate that nothing waits for
 * makes no further turn. It runs between what was read and the timers: what these do before a wait, and what is read after it, is one turn.
 *
 * @returns what ends it
 */
function onEachTurn(tell: (ms: number) => void): () => void {
  // Node begins to count with the first wait.
  const busyMs = () => performance.now() - performance.nodeTiming.idleTime
  let before = busyMs()
  let isStopped = false
  const take = () => {
    if (isStopped) return
    const now = busyMs()
    tell(now - before)
    before = now
    setImmediate(take).unref()
  }
  setImmediate(take).unref()
  return () => {
    isStopped = true
  }
}

/**
 * Tells once a second how late that is, in milliseconds.
 *
 * @returns what ends it
 */
function onEachTick(tell: (lateMs: number) => void): () => void {
  let before = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    tell(Math.max(0, now - before - TICK_MS))
    before = now
  }, TICK_MS).unref()
  return () => clearInterval(timer)
}

/**
 * How long what happens at some moment waits for the turn that runs then, 99th percentile of all moments. In a turn of `d` the wait goes
 * from `d` down to nothing, and is longer than `x` for `d - x`: it is the `x` for which these times are a hundredth of all.
 *
 * @param turns how long each turn of the event loop took, what it waited for something to do not counted
 * @param duration how long they were taken down, in the same unit, which is that of the answer
 */
export function turnLag(turns: readonly number[], duration: number): number {
  let [lag, sum] = [0, 0]
  for (const [at, turn] of turns.toSorted(descending).entries()) {
    sum += turn
    lag = Math.max(lag, (sum - SHARE * duration) / (at + 1))
  }
  return lag
}

function descending(one: number, other: number): number {
  return other - one
}
