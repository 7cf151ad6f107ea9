import { SIZE_BUCKETS } from './lean-buckets.ts'

/** A closed set of values; or `client` (`<client>_<N>` or `unknown`); or `open`, any text. */
export type LeanLabelValues = readonly string[] | 'client' | 'open'

/** One metric as leanMetrics specifies it. */
export interface LeanMetric {
  readonly name: string
  readonly kind: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, LeanLabelValues>>
  /** Upper bounds of a histogram, without +Inf. */
  readonly buckets?: readonly number[]
}

/** Where the specification comes from, and which version of it this is. */
export const LEAN_METRICS_SOURCE = 'leanEthereum/leanMetrics@c1b3ef81884bd1b854e69e6dbea2587971ce7e88'

const DIRECTION = ['inbound', 'outbound'] as const

/** The network metrics of leanMetrics, and the two by which a node introduces itself, in the order of the specification. */
export const LEAN_NETWORK_METRICS = [
  {
    name: 'lean_node_info',
    kind: 'gauge',
    help: 'Node information (always 1)',
    labels: { name: 'open', version: 'open' },
  },
  { name: 'lean_node_start_time_seconds', kind: 'gauge', help: 'Start timestamp', labels: {} },
  { name: 'lean_connected_peers', kind: 'gauge', help: 'Number of connected peers', labels: { client: 'client' } },
  {
    name: 'lean_peer_connection_events_total',
    kind: 'counter',
    help: 'Total number of peer connection events',
    labels: { direction: DIRECTION, result: ['success', 'timeout', 'error'] },
  },
  {
    name: 'lean_peer_disconnection_events_total',
    kind: 'counter',
    help: 'Total number of peer disconnection events',
    labels: { direction: DIRECTION, reason: ['timeout', 'remote_close', 'local_close', 'error'] },
  },
  {
    name: 'lean_gossip_mesh_peers',
    kind: 'gauge',
    help: 'Number of peers in the gossipsub mesh',
    labels: { client: 'client' },
  },
  {
    name: 'lean_attestation_committee_subnet',
    kind: 'gauge',
    help: "Node's attestation committee subnet",
    labels: {},
  },
  {
    name: 'lean_attestation_committee_count',
    kind: 'gauge',
    help: 'Number of attestation committees (ATTESTATION_COMMITTEE_COUNT)',
    labels: {},
  },
  {
    name: 'lean_gossip_block_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip block message',
    labels: {},
    buckets: SIZE_BUCKETS.block,
  },
  {
    name: 'lean_gossip_attestation_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip attestation message',
    labels: {},
    buckets: SIZE_BUCKETS.attestation,
  },
  {
    name: 'lean_gossip_aggregation_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip aggregated attestation message',
    labels: {},
    buckets: SIZE_BUCKETS.aggregation,
  },
] as const satisfies readonly LeanMetric[]

export type LeanMetricName = (typeof LEAN_NETWORK_METRICS)[number]['name']
