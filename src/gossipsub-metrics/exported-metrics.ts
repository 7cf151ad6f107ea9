import type { GossipsubRow } from './row.ts'

/** A metric as it is exported. */
export interface ExportedMetric {
  name: string
  kind: 'counter' | 'gauge' | 'histogram'
  help: string
}

/** The metrics that a row becomes: one, or three gauges. */
export function exportedMetrics({ name, kind, help }: GossipsubRow): ExportedMetric[] {
  if (kind !== 'avg_min_max') return [{ name, kind, help }]
  return [
    { name: `${name}_avg`, kind: 'gauge', help: `${help}, average` },
    { name: `${name}_min`, kind: 'gauge', help: `${help}, lowest` },
    { name: `${name}_max`, kind: 'gauge', help: `${help}, highest` },
  ]
}
