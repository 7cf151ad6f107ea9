import type { CompanionStanding } from './companion-state.ts'
import type { GossipsubState } from './gossipsub-state.ts'
import type { PeerIdString, Snapshot, TopicMesh } from './snapshot.ts'
import { TOPIC_KINDS, type TopicKind } from './topics.ts'
import type { Total } from './totals.ts'

/** At most this many networks a sidecar: each costs a process, and every per-network series is bounded by it. */
export const MAX_NETWORKS = 3

export type NetworkPhase = 'stopped' | 'starting' | 'running' | 'restarting'

/** Why a command did not reach a swarm. */
export const DROP_REASONS = ['full', 'closed', 'uninitialized'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** Why a swarm was started again. */
export const RESTART_REASONS = ['exit', 'killed', 'hung', 'memory', 'start_failed'] as const
export type RestartReason = (typeof RESTART_REASONS)[number]

/** What the metrics plane knows of one network at this moment. */
export interface NetworkState {
  /** The label `network_id`: the network's name. */
  networkId: string
  phase: NetworkPhase
  /** Every full topic string that the network is configured to join. */
  topics: string[]
  /** ATTESTATION_COMMITTEE_COUNT; absent where no genesis config says it. */
  attestationCommittees?: number
  /** The latest snapshot of a running swarm. None while it is not running: a stopped network has no mesh. */
  snapshot?: Snapshot
  /** With the snapshot, and only where the settings name one. */
  companion?: CompanionStanding
  /** Peers of the names table that were connected at any time since the sidecar started. */
  seenPeers: ReadonlySet<PeerIdString>
  /** Totals over all swarms of this network since the sidecar started. */
  totals: Total[]
  /** gossipsub's own metrics: totals over all swarms of this network, levels of the running one. Only where it was asked for. */
  gossipsub?: GossipsubState
  /** CPU time of all swarms of this network since the sidecar started. What one used after its last snapshot is lost. */
  cpuSeconds: number
  /** Errors that the swarms survived, since the sidecar started. */
  warnings: number
  restarts: Record<RestartReason, number>
  droppedCommands: Record<DropReason, number>
  /** Why the last swarm failed; absent once one runs. */
  lastError?: string
}

/** A network as the metrics plane sees it. */
export interface NetworkSource {
  readonly networkId: string
  /** Asks the swarm for a snapshot now. Rejects when none came before `signal` aborted; the last one then stays. */
  refresh(signal: AbortSignal): Promise<void>
  state(): NetworkState
}

/** How old the network's snapshot is, at a moment of the host's monotonic clock; undefined without a snapshot. */
export function snapshotAgeSeconds({ snapshot }: NetworkState, nowMs: number): number | undefined {
  // A snapshot that came during a scrape is younger than the scrape's own moment.
  return snapshot && Math.max(0, nowMs - snapshot.takenAtMs) / 1000
}

/** How long ago a message of each kind was accepted, at a moment of the host's monotonic clock; only of kinds that came. */
export function messageAgesSeconds({ snapshot }: NetworkState, nowMs: number): [kind: TopicKind, seconds: number][] {
  return TOPIC_KINDS.flatMap((kind) => {
    const atMs = snapshot?.messages.lastAcceptedAtMs[kind]
    // A message that came during a scrape is younger than the scrape's own moment.
    return atMs === undefined ? [] : [[kind, Math.max(0, nowMs - atMs) / 1000]]
  })
}

/** The topic meshes of a network: those of its snapshot, none while it is not running. */
export function topicMeshes(state: NetworkState): readonly TopicMesh[] {
  return state.snapshot?.topics ?? []
}
