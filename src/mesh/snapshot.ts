import type { ClockStanding } from './clock-standing.ts'
import type { GossipsubState } from './gossipsub-state.ts'
import type { PeerHead } from './peer-head.ts'
import type { TopicKind } from './topics.ts'
import type { Total } from './totals.ts'

/** A peer id in its base58btc form, `16Uiu2HA…`. */
export type PeerIdString = string

/** The mesh of one topic: the peers that gossipsub has grafted, and how many peers announced a subscription. */
export interface TopicMesh {
  /** The full topic string, `/leanconsensus/<segment>/<name>/ssz_snappy`. */
  topic: string
  mesh: PeerIdString[]
  subscribers: number
}

/** Where more mesh peers of a topic could come from. */
export interface TopicSupply {
  topic: string
  /** Connected subscribers that are neither in the mesh nor backed off. */
  candidates: number
  /** Peers that must not be grafted for now: they pruned us, or we them. */
  backoffs: number
}

/** Peers that subscribe to lean topics under other fork digests than ours. */
export interface ForeignForks {
  /** Distinct ones. */
  peers: number
  /** The digests with most peers, those first; printable, bounded. A peer counts for each of its digests. */
  digests: { forkDigest: string; peers: number }[]
}

export type TargetPhase = 'connected' | 'dialing' | 'waiting' | 'self'

/** How far an attempt to connect came: nobody answered; somebody did, and no connection lasted; another peer did. */
export type DialFailure = 'unreachable' | 'handshake_failed' | 'wrong_peer_id'

/** How the redialer stands with one configured peer. */
export interface TargetState {
  peerId: PeerIdString
  phase: TargetPhase
  /** Failed attempts since the last success. */
  failures: number
  /** Why the last attempt failed; absent after a success. */
  lastError?: string
  /** How far the last attempt came; there when `lastError` is. */
  failure?: DialFailure
}

/** What a swarm knows of the companion beside its target and the meshes. */
export interface CompanionFacts {
  peerId: PeerIdString
  isConnected: boolean
  /** Absent while it is not known, as before identify. */
  speaksGossipsub?: boolean
  /** Those of our topics that it subscribes to. */
  topics: string[]
  /** Those of our topics in which a prune, by either side, forbids to graft it for now. */
  backedOffTopics: string[]
  /** Of the lean topics of other forks that it subscribes to; printable, bounded. */
  forkDigests: string[]
}

/** What a process uses. CPU is a total since its start; the lag is that of the last complete window. */
export interface ProcessUsage {
  cpuSeconds: number
  residentBytes: number
  eventLoopLagSeconds: number
}

/** What a swarm knows of the messages that it got, beside its totals. */
export interface MessagesState {
  /** When the last new message of each kind was accepted, as `takenAtMs`; absent before the first one. */
  lastAcceptedAtMs: Partial<Record<TopicKind, number>>
  clock: ClockStanding
}

/**
 * What a swarm says of itself at one moment: plain data, cumulative, idempotent. It is the one contract between the
 * planes: whoever misses one misses nothing, because the next one says everything again.
 */
export interface Snapshot {
  /** When it was taken: milliseconds of the host's monotonic clock, which both planes share. */
  takenAtMs: number
  peerId: PeerIdString
  /** Multiaddrs that the swarm listens on, with `/p2p/`. */
  listenAddresses: string[]
  topics: TopicMesh[]
  connectedPeers: PeerIdString[]
  /** What those connected peers say that they run that have said it: printable ASCII, bounded. */
  agents: [peerId: PeerIdString, agent: string][]
  targets: TargetState[]
  /** Absent without one. */
  companion?: CompanionFacts
  messages: MessagesState
  topicSupply: TopicSupply[]
  /** Since when each mesh peer has been in the mesh of any topic without a break, by the clock of `takenAtMs`. */
  meshedSinceMs: [peerId: PeerIdString, sinceMs: number][]
  foreignForks: ForeignForks
  /** Of the named peers among those connected that answer Status requests, at most one each. */
  heads: PeerHead[]
  totals: Total[]
  usage: ProcessUsage
  /** Only where it was asked for. */
  gossipsub?: GossipsubState
}
