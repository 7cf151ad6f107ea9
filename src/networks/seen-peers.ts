import { type Names, NO_NAMES } from '../mesh/names.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'

export interface SeenPeers {
  note(connected: readonly PeerIdString[], names: Names): void
  peers(): ReadonlySet<PeerIdString>
}

/** Remembers which peers of the names table were ever connected; of others nothing, so that the table bounds it. */
export function createSeenPeers(): SeenPeers {
  const seen = new Set<PeerIdString>()
  let table = NO_NAMES
  return {
    note(connected, names) {
      if (names !== table) for (const peer of seen) if (!names.has(peer)) seen.delete(peer)
      table = names
      for (const peer of connected) if (names.has(peer)) seen.add(peer)
    },
    peers: () => seen,
  }
}
