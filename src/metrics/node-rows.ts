import type { MetricRow } from './metric-row.ts'

const OPT_IN =
  'Only with `--lean-node-info`: the public dashboards list whatever exports these as one more client, and mix its start time with theirs.'

/** What leanMetrics has each node say of itself. */
export const NODE_ROWS = [
  {
    name: 'lean_node_info',
    kind: 'gauge',
    help: 'Node information (always 1)',
    labels: { name: ['leanmesh'], version: 'version' },
    meaning: `The observer itself, and not the client. ${OPT_IN}`,
  },
  {
    name: 'lean_node_start_time_seconds',
    kind: 'gauge',
    help: 'Start timestamp',
    labels: {},
    meaning: `When the sidecar started, in seconds since the Unix epoch, and not when the client did. ${OPT_IN}`,
  },
] as const satisfies readonly MetricRow[]
