import { createHistogram, type Histogram } from '../mesh/histogram.ts'
import { AGGREGATION_POSITIONS, POSITIONS, SLOT_FAULTS, UNTIMED_REASONS } from '../mesh/arrival.ts'
import { ARRIVAL_BUCKETS, SIZE_BUCKETS } from '../mesh/lean-buckets.ts'
import { MAX_NAMES, UNKNOWN_NAME } from '../mesh/names.ts'
import { TOPIC_KINDS } from '../mesh/topics.ts'
import type { HistogramValue, Total } from '../mesh/totals.ts'
import { REFUSED_CONNECTIONS, REFUSED_STREAMS } from './refused.ts'

/** One series of a counter. Who counts often keeps it. */
export interface Counter {
  value: number
}

/** Everything that a swarm counts, each a total since its start. */
export interface Totals {
  /** @throws Error when there is no such series */
  counter(metric: CounterName, labels?: Record<string, string>): Counter
  histogram(metric: HistogramName, labels?: Record<string, string>): Histogram
  /** Gives a named peer its series, with 0. False when too many names have theirs: then the peer is `unknown`. */
  addClient(name: string): boolean
  /** As they are now. What did not change since the last reading is the same object. */
  read(): Total[]
}

const DIRECTIONS = ['inbound', 'outbound']
const KINDS = [...TOPIC_KINDS, 'other']

/** Every series of the counters: each exists from the start with 0, so that a first event is an increase. */
const COUNTERS = {
  leanmesh_gossip_messages_total: crossed('topic_kind', KINDS, 'result', [
    'accepted',
    'undecodable',
    'oversized',
    'over_budget',
    'unsubscribed',
  ]),
  leanmesh_dials_total: labelled('result', ['success', 'failure']),
  leanmesh_watchdog_reconnects_total: labelled('reason', [
    'stream_lost',
    'no_stream',
    'no_subscriptions',
    'superseded',
  ]),
  leanmesh_slow_peers_total: [{}],
  leanmesh_identify_failures_total: [{}],
  leanmesh_status_requests_total: labelled('result', ['answered', 'invalid']),
  lean_gossip_block_arrival_total: labelled('position', POSITIONS),
  lean_gossip_attestation_arrival_total: labelled('position', POSITIONS),
  lean_gossip_aggregation_arrival_total: labelled('position', AGGREGATION_POSITIONS),
  leanmesh_untimed_messages_total: crossed('topic_kind', TOPIC_KINDS, 'reason', UNTIMED_REASONS),
  leanmesh_slot_unusable_total: crossed('topic_kind', TOPIC_KINDS, 'reason', SLOT_FAULTS),
  leanmesh_duplicates_total: labelled('topic_kind', TOPIC_KINDS),
  leanmesh_ignored_subscriptions_total: labelled('kind', ['foreign_digest', 'other_lean', 'not_lean']),
  lean_peer_connection_events_total: crossed('direction', DIRECTIONS, 'result', ['success', 'timeout', 'error']),
  lean_peer_disconnection_events_total: crossed('direction', DIRECTIONS, 'reason', [
    'timeout',
    'remote_close',
    'local_close',
    'error',
  ]),
  leanmesh_inbound_connections_refused_total: labelled('reason', REFUSED_CONNECTIONS),
  leanmesh_inbound_streams_refused_total: labelled('reason', REFUSED_STREAMS),
  leanmesh_status_queries_total: labelled('result', [
    'answered',
    'refused',
    'invalid',
    'unsupported',
    'timeout',
    'failed',
  ]),
}

/** Every series of the counters that tell named peers apart, without the label `client`. */
const CLIENT_COUNTERS = {
  leanmesh_first_delivery_total: labelled('topic_kind', TOPIC_KINDS),
}

/** Every series of the counters that tell configured topics apart, without the label `topic`. */
const TOPIC_COUNTERS = {
  leanmesh_mesh_grafts_total: labelled('reason', ['by_peer', 'by_us']),
  leanmesh_mesh_prunes_total: labelled('reason', ['by_peer', 'by_us', 'disconnected', 'unsubscribed']),
}

/** Names that may have series in one life of a swarm: a whole table, and `unknown`. */
const MAX_CLIENTS = MAX_NAMES + 1

/** The histograms: their bounds, and every series, as of the counters. */
const HISTOGRAMS = {
  lean_gossip_block_size_bytes: { bounds: SIZE_BUCKETS.block, series: [{}] },
  lean_gossip_attestation_size_bytes: { bounds: SIZE_BUCKETS.attestation, series: [{}] },
  lean_gossip_aggregation_size_bytes: { bounds: SIZE_BUCKETS.aggregation, series: [{}] },
  lean_gossip_block_arrival_delay_seconds: { bounds: ARRIVAL_BUCKETS, series: [{}] },
  lean_gossip_attestation_arrival_delay_seconds: { bounds: ARRIVAL_BUCKETS, series: [{}] },
  lean_gossip_aggregation_arrival_delay_seconds: { bounds: ARRIVAL_BUCKETS, series: [{}] },
  leanmesh_slot_arrival_delay_seconds: { bounds: ARRIVAL_BUCKETS, series: labelled('topic_kind', TOPIC_KINDS) },
}

export type CounterName = keyof typeof COUNTERS | keyof typeof CLIENT_COUNTERS | keyof typeof TOPIC_COUNTERS
export type HistogramName = keyof typeof HISTOGRAMS

function labelled(key: string, values: readonly string[]): Record<string, string>[] {
  return values.map((value) => ({ [key]: value }))
}

function crossed(
  keyA: string,
  valuesA: readonly string[],
  keyB: string,
  valuesB: readonly string[],
): Record<string, string>[] {
  return valuesA.flatMap((a) => valuesB.map((b) => ({ [keyA]: a, [keyB]: b })))
}

/** @param topics the configured ones */
export function createTotals(topics: readonly string[] = []): Totals {
  const counters = new Map<string, Total & { value: number }>()
  const add = (metric: string, labels: Record<string, string>) =>
    void counters.set(seriesKey(metric, labels), { metric, labels, value: 0 })
  for (const [metric, series] of Object.entries(COUNTERS)) for (const labels of series) add(metric, labels)
  for (const [metric, series] of Object.entries(TOPIC_COUNTERS)) {
    for (const topic of topics) for (const labels of series) add(metric, { topic, ...labels })
  }
  const clients = new Set<string>()
  const addClient = (client: string): boolean => {
    if (clients.has(client)) return true
    if (clients.size >= MAX_CLIENTS) return false
    clients.add(client)
    for (const [metric, series] of Object.entries(CLIENT_COUNTERS)) {
      for (const labels of series) add(metric, { client, ...labels })
    }
    return true
  }
  addClient(UNKNOWN_NAME)
  const histograms = new Map<string, Total & { value: HistogramValue & Histogram }>()
  for (const [metric, { bounds, series }] of Object.entries(HISTOGRAMS)) {
    for (const labels of series) {
      histograms.set(seriesKey(metric, labels), { metric, labels, value: createHistogram(bounds) })
    }
  }
  const readOne = createReader()
  return {
    counter(metric, labels = {}) {
      const counter = counters.get(seriesKey(metric, labels))
      if (!counter) throw new Error(`${metric} has no series ${JSON.stringify(labels)}`)
      return counter
    },
    histogram(metric, labels = {}) {
      const histogram = histograms.get(seriesKey(metric, labels))
      if (!histogram) throw new Error(`${metric} has no series ${JSON.stringify(labels)}`)
      return histogram.value
    },
    addClient,
    read: () => [...[...counters.values()].filter(isTold), ...histograms.values()].map(readOne),
  }
}

/** Copies totals as they are now; one that did not change since its last copy is that copy. */
function createReader(): (total: Total) => Total {
  const copies = new Map<Total, Total>()
  return (total) => {
    const { metric, labels, value } = total
    const last = copies.get(total)
    if (last && isSame(last.value, value)) return last
    const copy = {
      metric,
      labels,
      value: typeof value === 'number' ? value : { counts: [...value.counts], sum: value.sum },
    }
    copies.set(total, copy)
    return copy
  }
}

function isSame(a: Total['value'], b: Total['value']): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.sum === b.sum && a.counts.every((count, index) => count === b.counts[index])
}

/** There may be hundreds of topics' series; who reads knows the topics, and that what is not told is 0. */
function isTold({ metric, value }: Total): boolean {
  return value !== 0 || !Object.hasOwn(TOPIC_COUNTERS, metric)
}

function seriesKey(metric: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return [metric, ...pairs.sort()].join(' ')
}

/** The series of a counter with two labels, each looked up once: for what is counted with each message. */
export function keptCounters(
  totals: Totals,
  metric: CounterName,
  keyA: string,
  keyB: string,
): (valueA: string, valueB: string) => Counter {
  const kept = new Map<string, Map<string, Counter>>()
  return (valueA, valueB) => {
    const known = kept.get(valueA)?.get(valueB)
    if (known) return known
    const counter = totals.counter(metric, { [keyA]: valueA, [keyB]: valueB })
    kept.set(valueA, (kept.get(valueA) ?? new Map<string, Counter>()).set(valueB, counter))
    return counter
  }
}
