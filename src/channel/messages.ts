import type { PeerTarget } from '../mesh/peer-target.ts'
import type { PeerIdString, Snapshot } from '../mesh/snapshot.ts'

/** What one swarm needs to run. Plain data: it crosses the channel in the `start` command. */
export interface SwarmOptions {
  /** Multiaddrs to listen on, for example `/ip4/0.0.0.0/udp/9000/quic-v1`. */
  listen: string[]
  /** The secp256k1 private key, 64 hex digits. Absent: a new identity at each start. */
  identityKeyHex?: string
  /** Full topic strings. */
  topics: string[]
  /** Peers to keep dialling. The swarm's own peer id among them is skipped. */
  peers: PeerTarget[]
  /** The client that the sidecar runs beside. */
  companion?: PeerIdString
  /** Largest gossip message accepted or forwarded, compressed or not. */
  maxMessageBytes: number
  /** Between two Status requests to the same named peer, in milliseconds; 0: none are sent. */
  statusIntervalMs: number
  quic: { maxIdleTimeoutMs: number; keepAliveIntervalMs: number }
  /** When slot 0 began, in seconds since the Unix epoch. Absent: nothing is timed against slots. */
  genesisTimeSeconds?: number
  /** Whether gossipsub's own metrics are part of each snapshot. */
  gossipsubMetrics?: boolean
}

/** The names table as it crosses the channel. */
export type NameList = [peerId: PeerIdString, name: string][]

/** Parent to child. `names` replaces the whole table, which is empty where there is none. */
export type SwarmCommand =
  | { type: 'start'; networkId: string; options: SwarmOptions; names: NameList }
  | { type: 'names'; names: NameList }
  | { type: 'snapshot'; id: number }
  | { type: 'stop' }

/**
 * Child to parent. `id` is that of the `snapshot` command it answers; a pushed snapshot has none, and of the totals those that changed since
 * the child told them last. After `failed` the child ends; a `warning` is something that it survived, and `suppressed` how many more came
 * since the last that was told.
 */
export type SwarmReport =
  | { type: 'booted' }
  | { type: 'snapshot'; id?: number; snapshot: Snapshot }
  | { type: 'failed'; message: string }
  | { type: 'warning'; message: string; suppressed: number }
