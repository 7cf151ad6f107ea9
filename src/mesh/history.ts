import { distinctMeshPeers } from './counting.ts'
import { bucketQuantile } from './histogram.ts'
import { ARRIVAL_BUCKETS } from './lean-buckets.ts'
import type { NetworkState } from './network-state.ts'
import type { Snapshot } from './snapshot.ts'
import { TOPIC_KINDS, type TopicKind } from './topics.ts'
import type { Total } from './totals.ts'

/** Five slots, so that a network without a missed block has as many blocks in each step. */
export const HISTORY_STEP_MS = 20_000
export const HISTORY_MS = 3_600_000

/** What came of one kind of message in one step. */
export interface KindPoint {
  perSecond: number
  /** From the start of the slot to the first copy, the median of the step, in seconds; absent where none was timed. */
  arrivalSeconds?: number
}

/** How a network stood at the end of one step. A network that did not run has its moment and nothing else. */
export interface HistoryPoint {
  /** Milliseconds of the host's monotonic clock. */
  atMs: number
  meshPeers?: number
  /** Absent also for the first step of a run. */
  kinds?: Record<TopicKind, KindPoint>
}

/** The last hour of each network, in steps: a few hundred numbers, whatever happens. */
export interface History {
  /** To be called once a step. */
  record(states: readonly NetworkState[], nowMs: number): void
  /** The steps of one network, the oldest first. */
  read(networkId: string): readonly HistoryPoint[]
}

interface Reading {
  atMs: number
  accepted: Record<TopicKind, number>
  arrivals: Record<TopicKind, readonly number[]>
}

export function createHistory(): History {
  const points = new Map<string, HistoryPoint[]>()
  const readings = new Map<string, Reading>()
  return {
    record(states, nowMs) {
      for (const { networkId, snapshot, totals } of states) {
        const before = readings.get(networkId)
        const now = reading(totals, nowMs)
        if (snapshot) readings.set(networkId, now)
        else readings.delete(networkId)
        const kept = (points.get(networkId) ?? []).filter(({ atMs }) => atMs > nowMs - HISTORY_MS)
        points.set(networkId, [...kept, point(snapshot, now, before)])
      }
    },
    read: (networkId) => points.get(networkId) ?? [],
  }
}

function point(snapshot: Snapshot | undefined, now: Reading, before: Reading | undefined): HistoryPoint {
  const { atMs } = now
  if (!snapshot) return { atMs }
  const meshPeers = distinctMeshPeers(snapshot.topics).size
  return before && atMs > before.atMs ? { atMs, meshPeers, kinds: kindPoints(now, before) } : { atMs, meshPeers }
}

function kindPoints(now: Reading, before: Reading): Record<TopicKind, KindPoint> {
  return byKind((kind) => {
    const perSecond = Math.max(0, now.accepted[kind] - before.accepted[kind]) / ((now.atMs - before.atMs) / 1000)
    const arrived = now.arrivals[kind].map((count, index) => Math.max(0, count - (before.arrivals[kind][index] ?? 0)))
    const arrivalSeconds = bucketQuantile(0.5, ARRIVAL_BUCKETS, arrived)
    return { perSecond, ...(arrivalSeconds !== undefined && { arrivalSeconds }) }
  })
}

function reading(totals: readonly Total[], atMs: number): Reading {
  const find = (metric: string, kind: TopicKind) =>
    totals.find(({ metric: name, labels: { topic_kind: of, result = 'accepted' } }) => {
      return name === metric && of === kind && result === 'accepted'
    })?.value
  return {
    atMs,
    accepted: byKind((kind) => {
      const value = find('leanmesh_gossip_messages_total', kind)
      return typeof value === 'number' ? value : 0
    }),
    arrivals: byKind((kind) => {
      const value = find('leanmesh_slot_arrival_delay_seconds', kind)
      return typeof value === 'object' ? value.counts : []
    }),
  }
}

function byKind<T>(of: (kind: TopicKind) => T): Record<TopicKind, T> {
  const [block, aggregation, attestation] = TOPIC_KINDS
  return { block: of(block), aggregation: of(aggregation), attestation: of(attestation) }
}
