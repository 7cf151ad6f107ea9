import { LeanmeshError } from '../errors.ts'
import { seriesKey, type Total } from '../mesh/totals.ts'

/** Twice what a swarm has with all names and topics that there can be. */
const MAX_SERIES = 20_000

/**
 * What the swarm's process pushes of its totals: those alone that are others than it told before. All of them are nine tenths of a snapshot, and
 * of a hundred a few change from one second to the next.
 *
 * @returns of all totals those to be told; one that did not change is the same object as before
 */
export function createTotalsTeller(): (totals: readonly Total[]) => Total[] {
  const told = new WeakSet<Total>()
  return (totals) => {
    const changed = totals.filter((total) => !told.has(total))
    for (const total of changed) told.add(total)
    return changed
  }
}

/**
 * Puts together again what one process told, from its beginning on. The channel is a pipe: what is told comes, in order, or the process ends.
 *
 * @returns of what it tells now all that it has told, each series as it was told last. It throws a LeanmeshError `ERR_CHANNEL_REPORT` when
 *   these are more series than a swarm has: who makes them up would fill this process's memory little by little
 */
export function createTotalsMemory(): (changed: readonly Total[]) => Total[] {
  const known = new Map<string, Total>()
  return (changed) => {
    for (const total of changed) known.set(seriesKey(total), total)
    if (known.size > MAX_SERIES) {
      throw new LeanmeshError('ERR_CHANNEL_REPORT', `the swarm told of more than ${MAX_SERIES} series`)
    }
    return [...known.values()]
  }
}
