import type { HistogramValue } from '../mesh/totals.ts'
import type { ExportedRow } from './metric-row.ts'
import type { HistogramSample, Sample } from './sample.ts'

type Points<Value> = { labels: Record<string, string>; value: Value }[]

/** A counter or a histogram with all its series, as totals. */
export type TotalFamily = { name: string; help: string } & (
  | { kind: 'counter'; points: Points<number> }
  | { kind: 'histogram'; bounds: readonly number[]; points: Points<HistogramValue> }
)

/** The counters and histograms among the samples, in the order of the rows. */
export function totalFamilies(
  rows: readonly ExportedRow[],
  samples: readonly (Sample | HistogramSample)[],
): TotalFamily[] {
  const samplesOf = Map.groupBy(samples, ({ metric }) => metric)
  return rows.flatMap((row): TotalFamily[] => {
    const { kind, name, help, buckets } = row
    const points = (samplesOf.get(name) ?? []).map(({ labels, value }) => ({ labels, value }))
    if (kind === 'counter') return [{ kind, name, help, points: points.filter(hasNumber) }]
    if (kind === 'histogram') return [{ kind, name, help, bounds: buckets ?? [], points: points.filter(hasBuckets) }]
    return []
  })
}

type Point = { labels: Record<string, string>; value: number | HistogramValue }

function hasNumber(point: Point): point is Point & { value: number } {
  return typeof point.value === 'number'
}

function hasBuckets(point: Point): point is Point & { value: HistogramValue } {
  return typeof point.value !== 'number'
}
