import { LeanmeshError } from '../errors.ts'
import { MAX_SERIES, seriesKey, type Total } from '../mesh/totals.ts'

/** Of all series together: five times what the largest table of the longest names makes. */
const MAX_KEY_LENGTH = 8 * 1024 * 1024

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
 *   there is more than a swarm has: who makes up series would fill this process's memory little by little
 */
export function createTotalsMemory(): (changed: readonly Total[]) => Total[] {
  const known = new Map<string, Total>()
  let all: Total[] = []
  let keyLength = 0
  return (changed) => {
    if (changed.length === 0) return all
    for (const total of changed) {
      const key = seriesKey(total)
      if (!known.has(key)) keyLength += key.length
      known.set(key, total)
    }
    if (known.size > MAX_SERIES || keyLength > MAX_KEY_LENGTH) {
      throw new LeanmeshError('ERR_CHANNEL_REPORT', 'the swarm told of more series than one can have')
    }
    all = [...known.values()]
    return all
  }
}
