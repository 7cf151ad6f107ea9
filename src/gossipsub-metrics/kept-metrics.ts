import type { Level } from '../mesh/gossipsub-state.ts'
import { createHistogram } from '../mesh/histogram.ts'
import type { HistogramValue, Total } from '../mesh/totals.ts'
import type { LabelsOf } from './metrics-register.ts'
import type { GossipsubRow } from './row.ts'
import { type Bounds, createSeriesTable, type Series } from './series-table.ts'
import type { TopicGauge } from './topic-gauge.ts'

/** The arguments of gossipsub's calls: with labels first where the metric has any. */
type Told<Value> = readonly [first?: LabelsOf | Value | undefined, second?: Value | undefined]

/** One metric as gossipsub calls it, and what it has been told so far. */
export interface KeptMetric {
  inc?(...told: Told<number>): void
  set?(...told: Told<number | number[]>): void
  observe?(...told: Told<number>): void
  /** Before a reading: forgets what gossipsub is about to tell anew. */
  forget?(): void
  totals?(): Total[]
  levels?(): Level[]
}

export function counter(row: GossipsubRow, bounds: Bounds): KeptMetric {
  const series = createSeriesTable(row, bounds, () => 0)
  return {
    inc(...told) {
      const [labels, value = 1] = split(told)
      if (value >= 0 && value < Infinity) series.at(labels).value += value
      else bounds.refuse('invalid_value')
    },
    totals: () => series.current().map(({ labels, value }) => ({ metric: row.name, labels, value })),
  }
}

export function gauge(row: GossipsubRow, bounds: Bounds): KeptMetric {
  const series = createSeriesTable(row, bounds, () => 0)
  return {
    inc(...told) {
      const [labels, value = 1] = split(told)
      if (Number.isFinite(value)) series.at(labels).value += value
      else bounds.refuse('invalid_value')
    },
    set(...told) {
      const [labels, value] = split(told)
      if (typeof value !== 'number' || !Number.isFinite(value)) return bounds.refuse('invalid_value')
      const one = series.exactlyAt(labels)
      if (one) one.value = value
    },
    levels: () => series.current().map(({ labels, value }) => ({ metric: row.name, labels, value })),
  }
}

/** @param subscribed the topics that read 0 when nothing is told of them. Absent: it is they that are kept. */
export function gaugeOfTopics(topics: TopicGauge, subscribed?: () => string[]): KeptMetric {
  return {
    set(...told) {
      const [labels = {}, value] = split(told)
      if (typeof value === 'number' && Number.isFinite(value)) topics.set(String(labels['topicStr']), value)
    },
    ...(subscribed && { forget: topics.clear }),
    levels: () => topics.levels(subscribed?.() ?? []),
  }
}

export function avgMinMax(row: GossipsubRow, bounds: Bounds): KeptMetric {
  const series = createSeriesTable<readonly number[]>(row, bounds, () => [])
  return {
    set(...told) {
      const [labels, values] = split(told)
      if (!Array.isArray(values)) return
      if (values.every((value) => Number.isFinite(value))) series.at(labels).value = values
      else bounds.refuse('invalid_value')
    },
    forget: series.clear,
    levels: () => series.current().flatMap(({ labels, value }) => summary(row.name, labels, value)),
  }
}

function summary(name: string, labels: Record<string, string>, values: readonly number[]): Level[] {
  if (values.length === 0) return []
  const sum = values.reduce((a, b) => a + b, 0)
  const [min, max] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  return [
    { metric: `${name}_avg`, labels, value: sum / values.length },
    { metric: `${name}_min`, labels, value: min },
    { metric: `${name}_max`, labels, value: max },
  ]
}

export function histogram(row: GossipsubRow, bounds: Bounds, buckets: readonly number[]): KeptMetric {
  const series = createSeriesTable(row, bounds, () => createHistogram(buckets))
  const copy = ({ labels, value: { counts, sum } }: Series<HistogramValue>): Total => ({
    metric: row.name,
    labels,
    value: { counts: [...counts], sum },
  })
  return {
    ...observing(bounds, (labels, value) => series.at(labels).value.observe(value)),
    totals: () => series.current().map(copy),
  }
}

/** A histogram that somebody else counts. */
export function forwarded(
  row: GossipsubRow,
  bounds: Bounds,
  record: (value: number, labels: Record<string, string>) => void,
): KeptMetric {
  const series = createSeriesTable(row, bounds, () => undefined)
  return observing(bounds, (labels, value) => record(value, series.at(labels).labels))
}

/** A clock that steps back makes a time negative; it was at least 0. */
function observing(bounds: Bounds, observe: (labels: LabelsOf | undefined, value: number) => void): KeptMetric {
  return {
    observe(...told) {
      const [labels, value] = split(told)
      if (typeof value === 'number' && Number.isFinite(value)) observe(labels, Math.max(0, value))
      else bounds.refuse('invalid_value')
    },
  }
}

function split<Value>(told: Told<Value>): [labels: LabelsOf | undefined, value: Value | undefined] {
  const [first, second] = told
  return typeof first === 'object' && !Array.isArray(first) ? [first as LabelsOf, second] : [undefined, first]
}
