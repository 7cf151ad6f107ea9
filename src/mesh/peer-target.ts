import type { PeerIdString } from './snapshot.ts'

/** A peer that the swarm keeps dialling. */
export interface PeerTarget {
  peerId: PeerIdString
  /** Multiaddrs without `/p2p/`; at least one. */
  addresses: string[]
}
