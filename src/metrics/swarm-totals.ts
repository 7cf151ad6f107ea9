import { UNKNOWN_NAME, type Names } from '../mesh/names.ts'
import { emptyHistogram } from '../mesh/histogram.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import { addValues, type HistogramValue, seriesKey, type Total } from '../mesh/totals.ts'
import { CATALOGUE, metricRow, type MetricName } from './catalogue.ts'
import type { LabelValues, MetricRow } from './metric-row.ts'
import type { HistogramSample, Sample } from './sample.ts'
import type { RejectReason } from './sidecar-rows.ts'

type TotalSample = Sample | HistogramSample

/**
 * What the swarms counted. Series whose labels are all closed are there from the start with 0, so that the first
 * increment is seen as one. What does not fit its row in the catalogue is left out and reported to `reject`: the swarm
 * is another process, and what it sends decides how many series there are.
 *
 * @param names the names table as it is now: the series of a name that it has no more end
 */
export function swarmTotalSamples(
  states: readonly NetworkState[],
  names: Names | undefined,
  reject: (reason: RejectReason) => void,
): TotalSample[] {
  const clients = new Set([...(names?.values() ?? []), UNKNOWN_NAME])
  const samples = new Map<string, TotalSample>()
  const add = (one: TotalSample) => {
    const key = seriesKey(one)
    const known = samples.get(key)
    samples.set(key, known === undefined ? one : ({ ...one, value: addValues(known.value, one.value) } as TotalSample))
  }
  for (const state of states) {
    for (const zero of zeros(state)) add(zero)
    for (const total of state.totals) {
      const reason = rejection(total, clients, state.topics)
      if (reason === undefined) add(toSample(total.metric as MetricName, state.networkId, total.labels, total.value))
      else if (reason !== 'removed_name') reject(reason)
    }
  }
  return [...samples.values()]
}

function rejection(
  total: Total,
  clients: ReadonlySet<string>,
  topics: readonly string[],
): RejectReason | 'removed_name' | undefined {
  const row = metricRow(total.metric)
  if (row?.origin !== 'swarm') return 'unknown_metric'
  if (!isTotalOf(total.value, row)) return 'invalid_value'
  const { client, ...closed } = total.labels
  const expected = ownLabels(row, topics)
  const hasClient = Object.values(row.labels).includes('client')
  const fits =
    Object.keys(closed).length === expected.length &&
    expected.every(([key, values]) => values.includes(closed[key] ?? '')) &&
    hasClient === (client !== undefined)
  if (!fits) return 'wrong_labels'
  return client === undefined || clients.has(client) ? undefined : 'removed_name'
}

/** Whether a value can be one of this counter or histogram. */
export function isTotalOf(value: number | HistogramValue, row: { kind: string; buckets?: readonly number[] }): boolean {
  const isCount = (number: number) => Number.isFinite(number) && number >= 0
  if (typeof value === 'number') return row.kind === 'counter' && isCount(value)
  const buckets = (row.buckets?.length ?? 0) + 1
  return row.kind === 'histogram' && value.counts.length === buckets && [...value.counts, value.sum].every(isCount)
}

/** The labels that the swarm itself gives, with the values that each may have. An open label admits none: it would bound nothing. */
function ownLabels(row: MetricRow, topics: readonly string[]): [key: string, values: readonly string[]][] {
  return Object.entries(row.labels)
    .filter(([key, values]) => key !== 'network_id' && values !== 'client')
    .map(([key, values]: [string, LabelValues]) => {
      if (values === 'topic') return [key, topics]
      return [key, typeof values === 'string' ? [] : values]
    })
}

/** Of a counter with names only the series of unknown peers: each name gets its own when the swarm meets it. */
function zeros({ networkId, topics }: NetworkState): TotalSample[] {
  const rows = CATALOGUE.filter((row: MetricRow) => row.origin === 'swarm')
  return rows.flatMap((row: MetricRow) =>
    combinations(ownLabels(row, topics)).map((labels) => {
      const named = Object.values(row.labels).includes('client') ? { client: UNKNOWN_NAME, ...labels } : labels
      return toSample(row.name as MetricName, networkId, named, zero(row))
    }),
  )
}

function zero({ kind, buckets = [] }: MetricRow): number | HistogramValue {
  return kind === 'histogram' ? emptyHistogram(buckets) : 0
}

function combinations(labels: [key: string, values: readonly string[]][]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (partial, [key, values]) => partial.flatMap((given) => values.map((value) => ({ ...given, [key]: value }))),
    [{}],
  )
}

/** The labels in the order of the row, so that a series has one key however it was written. */
function toSample(
  metric: MetricName,
  networkId: string,
  labels: Record<string, string>,
  value: number | HistogramValue,
): TotalSample {
  const keys = Object.keys(metricRow(metric)?.labels ?? {})
  const ordered = keys.map((key) => [key, key === 'network_id' ? networkId : (labels[key] ?? '')])
  return { metric, labels: Object.fromEntries(ordered), value } as TotalSample
}
