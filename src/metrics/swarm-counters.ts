import type { NetworkState } from '../mesh/network-state.ts'
import type { CounterTotal } from '../mesh/totals.ts'
import { CATALOGUE, metricRow, type MetricName } from './catalogue.ts'
import type { MetricRow } from './metric-row.ts'
import type { RejectReason } from './sidecar-rows.ts'
import type { Sample } from './sample.ts'

/**
 * What the swarms counted. Series whose labels are all closed are there from the start with 0, so that the first
 * increment is seen as one. What does not fit its row in the catalogue is left out and reported to `reject`: the swarm
 * is another process, and what it sends decides how many series there are.
 */
export function swarmCounterSamples(states: readonly NetworkState[], reject: (reason: RejectReason) => void): Sample[] {
  return states.flatMap((state) => {
    const samples = new Map(zeros(state.networkId).map((zero) => [seriesKey(zero), zero]))
    for (const total of state.counters) {
      const reason = rejection(total)
      if (reason !== undefined) reject(reason)
      else {
        const counted = toSample(total.metric as MetricName, state.networkId, total.labels, total.value)
        samples.set(seriesKey(counted), counted)
      }
    }
    return [...samples.values()]
  })
}

function rejection(total: CounterTotal): RejectReason | undefined {
  const row = metricRow(total.metric)
  if (row?.origin !== 'swarm') return 'unknown_metric'
  if (!Number.isFinite(total.value) || total.value < 0) return 'invalid_value'
  const given = Object.entries(total.labels)
  const expected = ownLabels(row)
  const fits =
    given.length === expected.length && expected.every(([key, values]) => values.includes(total.labels[key] ?? ''))
  return fits ? undefined : 'wrong_labels'
}

/** The labels that the swarm itself gives, with their values. An open label admits none: it would bound nothing. */
function ownLabels(row: MetricRow): [key: string, values: readonly string[]][] {
  return Object.entries(row.labels)
    .filter(([key]) => key !== 'network_id')
    .map(([key, values]) => [key, typeof values === 'string' ? [] : values])
}

function zeros(networkId: string): Sample[] {
  return CATALOGUE.filter((row) => 'origin' in row).flatMap((row) =>
    combinations(ownLabels(row)).map((labels) => toSample(row.name, networkId, labels, 0)),
  )
}

function combinations(labels: [key: string, values: readonly string[]][]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (partial, [key, values]) => partial.flatMap((given) => values.map((value) => ({ ...given, [key]: value }))),
    [{}],
  )
}

/** The labels in the order of the row, so that a series has one key however it was written. */
function toSample(metric: MetricName, networkId: string, labels: Record<string, string>, value: number): Sample {
  const keys = Object.keys(metricRow(metric)?.labels ?? {})
  const ordered = keys.map((key) => [key, key === 'network_id' ? networkId : (labels[key] ?? '')])
  return { metric, labels: Object.fromEntries(ordered), value }
}

function seriesKey({ metric, labels }: Sample): string {
  return JSON.stringify([metric, labels])
}
