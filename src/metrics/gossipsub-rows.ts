import { labelKey } from '../gossipsub-metrics/all-series.ts'
import { exportedMetrics } from '../gossipsub-metrics/exported-metrics.ts'
import type { GossipsubRow } from '../gossipsub-metrics/row.ts'
import { GOSSIPSUB_ROWS, REFUSED_ROW } from '../gossipsub-metrics/table.ts'
import type { LabelValues, MetricRow } from './metric-row.ts'

const REFUSED_MEANING =
  'Above 0, gossipsub has a metric or a label that leanmesh does not know, or told a value that cannot be, or its levels could not be read.'

/** gossipsub's own metrics as rows like those of the catalogue: they are exported only where they were asked for. */
export const GOSSIPSUB_METRIC_ROWS: readonly MetricRow[] = [...GOSSIPSUB_ROWS, REFUSED_ROW].flatMap((row) =>
  exportedMetrics(row).map((metric) => ({
    ...metric,
    labels: { network_id: 'open', ...labelsOf(row) },
    ...(row.buckets && { buckets: row.buckets }),
    meaning: row === REFUSED_ROW ? REFUSED_MEANING : '',
  })),
)

function labelsOf({ labels }: GossipsubRow): Record<string, LabelValues> {
  return Object.fromEntries(
    Object.entries(labels).map(([key, values]) => [labelKey(key), typeof values === 'object' ? values : 'open']),
  )
}
