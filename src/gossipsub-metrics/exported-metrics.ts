import type { GossipsubRow } from './row.ts'

/** A metric as it is exported. */
export interface ExportedMetric {
  name: string
  kind: 'counter' | 'gauge' | 'histogram'
  help: string
  /** Upper bounds of a histogram, without +Inf. */
  buckets?: readonly number[]
}

/** The metrics that a row becomes: one, or three gauges. */
export function exportedMetrics({ name, kind, help, buckets }: GossipsubRow): ExportedMetric[] {
  if (kind !== 'avg_min_max') return [{ name, kind, help, ...(buckets && { buckets }) }]
  return [
    { name: `${name}_avg`, kind: 'gauge', help: `${help}, average` },
    { name: `${name}_min`, kind: 'gauge', help: `${help}, lowest` },
    { name: `${name}_max`, kind: 'gauge', help: `${help}, highest` },
  ]
}
