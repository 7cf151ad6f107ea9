import { allSeries, unforeseenSeries } from '../gossipsub-metrics/all-series.ts'
import { type ExportedMetric, exportedMetrics } from '../gossipsub-metrics/exported-metrics.ts'
import { GOSSIPSUB_ROWS, REFUSED_ROW } from '../gossipsub-metrics/table.ts'
import type { GossipsubRow } from '../gossipsub-metrics/row.ts'
import { emptyHistogram } from '../mesh/histogram.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import { topicName } from '../mesh/topics.ts'
import { seriesKey } from '../mesh/totals.ts'
import type { HistogramSample, Sample } from './sample.ts'
import type { RejectReason } from './sidecar-rows.ts'
import { isTotalOf } from './swarm-totals.ts'

type Labels = Record<string, string>
type Reject = (reason: RejectReason) => void

const ROWS: readonly GossipsubRow[] = [...GOSSIPSUB_ROWS, REFUSED_ROW]
/** Beside the catalogue: what is exported only where it was asked for. */
export const GOSSIPSUB_METRICS: readonly ExportedMetric[] = ROWS.flatMap(exportedMetrics)

const TOTALS = ROWS.filter(({ kind }) => kind === 'counter' || kind === 'histogram')
const LEVELS = ROWS.filter(({ kind }) => kind === 'gauge' || kind === 'avg_min_max')

/**
 * gossipsub's own metrics of each network. Which series there are is decided here, by the table and the configured topics:
 * totals are all there from the start with 0, levels while the swarm tells them. What the swarm tells beside that is left
 * out and reported to `reject`.
 */
export function gossipsubSamples(states: readonly NetworkState[], reject: Reject): (Sample | HistogramSample)[] {
  return states.flatMap((state) => {
    const topics = state.topics.map(topicName)
    return [...totalSamples(state, topics, reject), ...levelSamples(state, topics, reject)]
  })
}

function totalSamples(state: NetworkState, topics: string[], reject: Reject): (Sample | HistogramSample)[] {
  const told = toldBy(state.gossipsub?.totals ?? [])
  const samples = TOTALS.flatMap((row) =>
    allSeries(row, topics).map((labels) => {
      const value = told.take(row.name, labels)
      const isRight = value === undefined || isTotalOf(value, row)
      if (!isRight) reject('invalid_value')
      return toSample(row.name, state, labels, value === undefined || !isRight ? zero(row) : value)
    }),
  )
  samples.push(
    ...TOTALS.flatMap((row) =>
      unforeseenSeries(row, topics).flatMap((labels) => {
        const value = told.take(row.name, labels)
        return value !== undefined && isTotalOf(value, row) ? [toSample(row.name, state, labels, value)] : []
      }),
    ),
  )
  told.left().forEach(() => reject('wrong_labels'))
  return samples
}

function levelSamples(state: NetworkState, topics: string[], reject: Reject): (Sample | HistogramSample)[] {
  const told = toldBy(state.gossipsub?.levels ?? [])
  const samples = LEVELS.flatMap((row) => {
    const metrics = exportedMetrics(row)
    return [...allSeries(row, topics), ...unforeseenSeries(row, topics)].flatMap((labels) =>
      metrics.flatMap(({ name }) => {
        const value = told.take(name, labels)
        if (value === undefined) return []
        if (Number.isFinite(value)) return toSample(name, state, labels, value)
        reject('invalid_value')
        return []
      }),
    )
  })
  told.left().forEach(() => reject('wrong_labels'))
  return samples
}

/** What a swarm told, to be taken series by series. */
function toldBy<Value>(told: readonly { metric: string; labels: Labels; value: Value }[]) {
  const values = new Map(told.map((each) => [seriesKey(each), each.value]))
  return {
    take(metric: string, labels: Labels): Value | undefined {
      const key = seriesKey({ metric, labels })
      const value = values.get(key)
      values.delete(key)
      return value
    },
    left: () => [...values.keys()],
  }
}

function zero({ kind, buckets = [] }: GossipsubRow): Sample['value'] | HistogramSample['value'] {
  return kind === 'histogram' ? emptyHistogram(buckets) : 0
}

function toSample(
  metric: string,
  { networkId }: NetworkState,
  labels: Labels,
  value: Sample['value'] | HistogramSample['value'],
): Sample | HistogramSample {
  return { metric, labels: { network_id: networkId, ...labels }, value } as Sample | HistogramSample
}
