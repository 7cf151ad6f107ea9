/** Resolves when a stream may be read again; undefined: at once. */
export type ReadPace = (stream: object) => Promise<void> | undefined

/** What may wait in a flood. */
export const PACE_MS = 20

/** So many reads one after the other do not wait: what comes now and then is read when it comes. */
const BURST = 8

interface Credit {
  reads: number
  countedAt: number
}

/**
 * When to read: at once, and in a flood on average once in `paceMs`, so that a read brings what came meanwhile. All streams that wait
 * are read in the same turn of the event loop.
 *
 * @param paceMs what may wait at most before it is read, in milliseconds, above 0
 */
export function createReadPace(paceMs: number): ReadPace {
  const credits = new WeakMap<object, Credit>()
  let waiting: (() => void)[] = []
  const release = () => {
    const due = waiting
    waiting = []
    for (const goOn of due) goOn()
  }
  return (stream) => {
    const now = performance.now()
    const credit = credits.get(stream) ?? { reads: BURST, countedAt: now }
    credits.set(stream, credit)
    const earned = Math.min(BURST, credit.reads + (now - credit.countedAt) / paceMs)
    credit.countedAt = now
    credit.reads = Math.max(-1, earned - 1)
    if (earned >= 1) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    if (waiting.push(resolve) === 1) setTimeout(release, paceMs - (now % paceMs))
    return promise
  }
}
