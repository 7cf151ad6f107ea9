import type { MetricRow } from './metric-row.ts'

/** The attestation committees, of the leanMetrics specification. */
export const COMMITTEE_ROWS = [
  {
    name: 'lean_attestation_committee_count',
    kind: 'gauge',
    help: 'Number of attestation committees (ATTESTATION_COMMITTEE_COUNT)',
    labels: {},
    meaning:
      'What the genesis config.yaml says, and the largest such number where several networks differ. Absent without a genesis folder.',
  },
  {
    name: 'lean_attestation_committee_subnet',
    kind: 'gauge',
    help: "Node's attestation committee subnet",
    labels: {},
    meaning:
      "The companion's: the one attestation topic that it subscribes to while the observer is connected to it. Absent without a companion, " +
      'where it subscribes to several, as an aggregator does, and where the observer does not join every subnet. An observer has none ' +
      'of its own. With several networks, the first one whose companion is known.',
  },
] as const satisfies readonly MetricRow[]
