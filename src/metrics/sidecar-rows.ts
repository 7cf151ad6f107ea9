import type { MetricRow } from './metric-row.ts'

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

/** Why the HTTP server did not answer as it was asked. */
export const HTTP_REFUSAL_REASONS = [
  'handshake',
  'client_certificate',
  'credentials',
  'throttled',
  'rate_limit',
] as const
export type HttpRefusalReason = (typeof HTTP_REFUSAL_REASONS)[number]

/** What the sidecar tells of itself. */
export const SIDECAR_ROWS = [
  {
    name: 'leanmesh_build_info',
    kind: 'gauge',
    help: 'Always 1, with the version that runs',
    labels: { version: 'version' },
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
    help: 'HTTP connections that were closed because too many were open',
    labels: {},
    meaning: 'Somebody holds many connections to the admin server; `http.max_connections` is the limit.',
  },
  {
    name: 'leanmesh_http_refused_total',
    kind: 'counter',
    help: 'TLS handshakes that failed, and HTTP requests that the web config did not let pass',
    labels: { reason: HTTP_REFUSAL_REASONS },
    meaning:
      'Absent without `web_config`. `handshake` is no TLS, or none in common; `client_certificate` one that is missing, not trusted or not ' +
      'allowed; `credentials` no user or a wrong password; `throttled` too many wrong ones; `rate_limit` what the web config calls so.',
  },
  {
    name: 'leanmesh_event_loop_lag_seconds',
    kind: 'gauge',
    help: 'How late the event loop is: 99th percentile of the waits for it, or the second worst delay of a timer, in the last complete window',
    labels: { plane: PLANES, network_id: 'open' },
    meaning:
      'The longer of two, of a window of 10 s. The wait for the event loop that 99 of 100 moments do not exceed: one turn of 0.5 s is 0.4, and up to a tenth of a ' +
      'second of work is nothing; what runs before a wait for something to do, and after it, counts as one turn. And the second worst delay of a timer of one second, which shows a process that gets no core; at rest it is 1 ms. ' +
      '`network_id` is empty on the metrics plane; the series of a swarm ends with it.',
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
