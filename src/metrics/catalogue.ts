import { DROP_REASONS, RESTART_REASONS } from '../mesh/network-state.ts'

/** A closed set of values, or `open` (bounded by settings), or `optional` (open, and absent from some series). */
export type LabelValues = readonly string[] | 'open' | 'optional'

/** One metric. Instruments, totals, validation, `docs/metrics.md` and the golden scrape derive from these rows. */
export interface MetricRow {
  readonly name: string
  readonly kind: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, LabelValues>>
  /** What the number means, given that an observer beside the client measured it. */
  readonly meaning: string
  /** `swarm`: the swarm counts it, and its totals travel in the snapshots; leanmesh adds `network_id`. */
  readonly origin?: 'swarm'
}

const PLANES = ['metrics', 'swarm'] as const

/** Why a series was not exported. */
export const REJECT_REASONS = ['unknown_metric', 'wrong_labels', 'invalid_value', 'invalid_series', 'limit'] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/** Why a push by OTLP failed. */
export const OTLP_FAILURE_REASONS = [
  'unreachable',
  'timeout',
  'tls',
  'rejected',
  'throttled',
  'server_error',
  'partial',
  'collection',
  'other',
] as const
export type OtlpFailureReason = (typeof OTLP_FAILURE_REASONS)[number]

export const CATALOGUE = [
  {
    name: 'lean_gossip_mesh_peers',
    kind: 'gauge',
    help: 'Number of peers in the gossipsub mesh',
    labels: { client: 'optional' },
    meaning:
      "Distinct peers in the observer's own mesh, over all topics, summed over the networks; not the client's own count. " +
      'With a names table one series a name, 0 for a name that is not in the mesh, and `unknown`; without one a single unlabelled series.',
  },
  {
    name: 'lean_gossip_mesh_running',
    kind: 'gauge',
    help: '1 while the swarm of the network runs, 0 while it is stopped, starting or restarting',
    labels: { network_id: 'open' },
    meaning: 'Tells "no peer is in the mesh" (1) from "nobody is looking" (0).',
  },
  {
    name: 'leanmesh_mesh_memberships',
    kind: 'gauge',
    help: 'Number of peers in the mesh of one topic',
    labels: { network_id: 'open', topic: 'open' },
    meaning:
      'A peer that is meshed in three topics counts in three series. `topic` is the full topic string, one of the configured ones. ' +
      'The series end while the network does not run.',
  },
  {
    name: 'leanmesh_connected_peers',
    kind: 'gauge',
    help: 'Number of peers the swarm is connected to',
    labels: { network_id: 'open' },
    meaning: "The observer's own connections, meshed or not. 0 while the network does not run.",
  },
  {
    name: 'leanmesh_snapshot_age_seconds',
    kind: 'gauge',
    help: 'Age of the snapshot that the values of this network come from',
    labels: { network_id: 'open' },
    meaning:
      'Near 0 when the swarm answered this scrape; it grows while the swarm is too busy to answer. Absent without a snapshot.',
  },
  {
    name: 'leanmesh_swarm_restarts_total',
    kind: 'counter',
    help: 'Restarts of the swarm since the sidecar started',
    labels: { network_id: 'open', reason: RESTART_REASONS },
    meaning: 'How often, and why, the observer lost its place in the network and had to join again.',
  },
  {
    name: 'leanmesh_swarm_warnings_total',
    kind: 'counter',
    help: 'Unexpected errors that the swarm survived',
    labels: { network_id: 'open' },
    meaning:
      'Errors that no part of the swarm answers for. It should stay 0; the log has at most one of them a second.',
  },
  {
    name: 'leanmesh_swarm_command_dropped_total',
    kind: 'counter',
    help: 'Commands that did not reach the swarm',
    labels: { network_id: 'open', reason: DROP_REASONS },
    meaning: 'A growing `full` means a swarm that does not keep up; snapshots then get older.',
  },
  {
    name: 'leanmesh_gossip_messages_total',
    kind: 'counter',
    help: 'Gossip messages received, by what became of them',
    labels: {
      network_id: 'open',
      topic_kind: ['block', 'aggregation', 'attestation', 'other'],
      result: ['accepted', 'undecodable', 'oversized', 'over_budget', 'unsubscribed'],
    },
    meaning: 'What the observer received and validated; only `accepted` messages are forwarded.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_dials_total',
    kind: 'counter',
    help: 'Attempts to connect to a configured peer',
    labels: { network_id: 'open', result: ['success', 'failure'] },
    meaning: 'A growing `failure` with few connected peers points at addresses or firewalls, not at gossip.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_watchdog_reconnects_total',
    kind: 'counter',
    help: 'Connections that the swarm closed and dialled again because the peer did not gossip over them',
    labels: { network_id: 'open', reason: ['stream_lost', 'no_stream', 'no_subscriptions', 'superseded'] },
    meaning: 'Connected peers that took no part in gossip, and why the observer thought so.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_slow_peers_total',
    kind: 'counter',
    help: 'Gossip streams that the swarm gave up because the peer did not read what it was sent',
    labels: { network_id: 'open' },
    meaning:
      'Unsent messages are bounded over all peers; at the limit the peer with the longest backlog loses its stream.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_status_requests_total',
    kind: 'counter',
    help: 'Status requests from peers',
    labels: { network_id: 'open', result: ['answered', 'invalid'] },
    meaning: "Requests are answered with the peer's own status: an observer has no chain head and claims none.",
    origin: 'swarm',
  },
  {
    name: 'leanmesh_build_info',
    kind: 'gauge',
    help: 'Always 1, with the version that runs',
    labels: { version: 'open' },
    meaning: 'Which version of leanmesh measured.',
  },
  {
    name: 'leanmesh_refresher_duration_seconds',
    kind: 'gauge',
    help: 'Time that a refresher took at this scrape',
    labels: { refresher: 'open' },
    meaning: 'Where the time of a scrape goes.',
  },
  {
    name: 'leanmesh_refresher_success',
    kind: 'gauge',
    help: '1 if a refresher succeeded at this scrape, 0 if it failed or missed its deadline',
    labels: { refresher: 'open' },
    meaning:
      'At 0 the values that this refresher brings are old (see the snapshot age) or absent; the others are not affected.',
  },
  {
    name: 'leanmesh_series_rejected_total',
    kind: 'counter',
    help: 'Series that were left out of a scrape because they would have been invalid or too many',
    labels: { reason: REJECT_REASONS },
    meaning:
      'Counted at each scrape that leaves a series out. Anything above 0 is a defect of leanmesh or a limit that was hit.',
  },
  {
    name: 'leanmesh_http_connections_dropped_total',
    kind: 'counter',
    help: 'HTTP connections that were closed at once because too many were open',
    labels: {},
    meaning: 'Somebody holds many connections to the admin server; `http.max_connections` is the limit.',
  },
  {
    name: 'leanmesh_event_loop_lag_seconds',
    kind: 'gauge',
    help: '99th percentile of the event loop delay in the last complete window',
    labels: { plane: PLANES, network_id: 'open' },
    meaning:
      'How late each process is. `network_id` is empty on the metrics plane; the series of a swarm ends with it.',
  },
  {
    name: 'leanmesh_otlp_export_total',
    kind: 'counter',
    help: 'Pushes by OTLP, failed ones included',
    labels: {},
    meaning: 'Absent while nothing is pushed, as are the two below. A push is not in the set that it carries itself.',
  },
  {
    name: 'leanmesh_otlp_export_failures_total',
    kind: 'counter',
    help: 'Pushes by OTLP that failed',
    labels: { reason: OTLP_FAILURE_REASONS },
    meaning:
      '`throttled` is HTTP 429 or 503, `server_error` another 5xx, `rejected` a 3xx or 4xx, `partial` a push of which some points were refused, ' +
      '`collection` one that could not be collected. The next push says everything again.',
  },
  {
    name: 'leanmesh_otlp_last_success_age_seconds',
    kind: 'gauge',
    help: 'Time since the last push by OTLP that succeeded',
    labels: {},
    meaning: 'Well above the push interval, nobody gets what is pushed. Absent until one succeeded.',
  },
  {
    name: 'process_cpu_seconds_total',
    kind: 'counter',
    help: 'User and system CPU time spent, in seconds',
    labels: { plane: PLANES, network_id: 'open' },
    meaning: 'For a swarm the total over its restarts. `network_id` is empty on the metrics plane.',
  },
  {
    name: 'process_resident_memory_bytes',
    kind: 'gauge',
    help: 'Resident memory size in bytes',
    labels: { plane: PLANES, network_id: 'open' },
    meaning: 'What leanmesh itself costs, process by process. `network_id` is empty on the metrics plane.',
  },
  {
    name: 'process_start_time_seconds',
    kind: 'gauge',
    help: 'Start time of the metrics plane since the Unix epoch, in seconds',
    labels: {},
    meaning: 'When the sidecar started. Restarts of a swarm do not change it.',
  },
] as const satisfies readonly MetricRow[]

type Row = (typeof CATALOGUE)[number]
export type MetricName = Row['name']
type RowOf<N extends MetricName> = Extract<Row, { name: N }>
type ValueOf<V> = V extends readonly (infer T)[] ? T : string
type OptionalKey<L> = { [K in keyof L]: L[K] extends 'optional' ? K : never }[keyof L]

/** The labels of one metric, as its row declares them. */
export type LabelsOf<N extends MetricName> = RowOf<N>['labels'] extends infer L
  ? { [K in Exclude<keyof L, OptionalKey<L>>]: ValueOf<L[K]> } & { [K in OptionalKey<L>]?: string }
  : never

const ROWS: ReadonlyMap<string, MetricRow> = new Map(CATALOGUE.map((row) => [row.name, row]))

/** The row of a metric; `undefined` when there is none of that name. */
export function metricRow(name: string): MetricRow | undefined {
  return ROWS.get(name)
}
