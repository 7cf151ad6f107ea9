import type { Names } from './names.ts'
import type { PeerIdString } from './snapshot.ts'

/** Where a chain stands. Roots are 64 hex digits. */
export interface Head {
  headSlot: number
  headRoot: string
  finalizedSlot: number
  finalizedRoot: string
}

/** What a peer last said of its chain. */
export interface PeerHead extends Head {
  peerId: PeerIdString
  /** When it said so: milliseconds of the host's monotonic clock. */
  atMs: number
}

/** The root of who claims none. */
export const ZERO_ROOT = '0'.repeat(64)

/**
 * The largest number of distinct finalized roots that are told for one same slot: 1 is agreement, more is a fork.
 * Undefined when none is told: a zero root, as some clients have before anything is finalized, tells nothing.
 */
export function finalizedRoots(heads: Iterable<Head>): number | undefined {
  const rootsOfSlot = new Map<number, Set<string>>()
  for (const { finalizedSlot, finalizedRoot } of heads) {
    if (finalizedRoot === ZERO_ROOT) continue
    const roots = rootsOfSlot.get(finalizedSlot)
    if (roots) roots.add(finalizedRoot)
    else rootsOfSlot.set(finalizedSlot, new Set([finalizedRoot]))
  }
  const sizes = Array.from(rootsOfSlot.values(), ({ size }) => size)
  return sizes.length === 0 ? undefined : Math.max(...sizes)
}

/** The heads of the peers that the table names, at most one a name. */
export function namedHeads(heads: Iterable<PeerHead>, names: Names | undefined): { client: string; head: PeerHead }[] {
  const byName = new Map<string, PeerHead>()
  for (const head of heads) {
    const client = names?.get(head.peerId)
    if (client !== undefined) byName.set(client, head)
  }
  return Array.from(byName, ([client, head]) => ({ client, head }))
}
