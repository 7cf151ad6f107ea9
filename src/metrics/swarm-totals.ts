import { UNKNOWN_NAME, type Names } from '../mesh/names.ts'
import { emptyHistogram } from '../mesh/histogram.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import { addValues, type HistogramValue, type Total } from '../mesh/totals.ts'
import { CATALOGUE } from './catalogue.ts'
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
    const key = sampleKey(one)
    const known = samples.get(key)
    samples.set(key, known === undefined ? one : ({ ...one, value: addValues(known.value, one.value) } as TotalSample))
  }
  for (const { networkId, topics, totals } of states) {
    const { rows, zeros } = tellableOf(topics)
    for (const { row, labels } of zeros) add(toSample(row, networkId, labels, zero(row)))
    for (const total of totals) {
      const tellable = rows.get(total.metric)
      const reason = tellable ? rejection(total, tellable, clients) : 'unknown_metric'
      if (tellable && reason === undefined) add(toSample(tellable.row, networkId, total.labels, total.value))
      else if (reason !== undefined && reason !== 'removed_name') reject(reason)
    }
  }
  return [...samples.values()]
}

/** Its labels are in the order of the row. */
function sampleKey({ metric, labels }: TotalSample): string {
  return JSON.stringify([metric, ...Object.values(labels)])
}

function rejection(
  { labels, value }: Total,
  { row, closed, hasClient }: Tellable,
  clients: ReadonlySet<string>,
): RejectReason | 'removed_name' | undefined {
  if (!isTotalOf(value, row)) return 'invalid_value'
  const { client } = labels
  const fits =
    Object.keys(labels).length === closed.length + (hasClient ? 1 : 0) &&
    closed.every(([key, values]) => values.includes(labels[key] ?? '')) &&
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

/** What a swarm may tell of a row. */
interface Tellable {
  row: MetricRow
  /** The labels that the swarm itself gives, with the values that each may have. An open label admits none: it would bound nothing. */
  closed: readonly (readonly [key: string, values: readonly string[]])[]
  hasClient: boolean
}

interface TellableOfTopics {
  rows: ReadonlyMap<string, Tellable>
  /** Of a counter with names only the series of unknown peers: each name gets its own when the swarm meets it. */
  zeros: readonly { row: MetricRow; labels: Record<string, string> }[]
}

/** By the topics of a network, which are the same list at each scrape. */
const tellables = new WeakMap<readonly string[], TellableOfTopics>()

function tellableOf(topics: readonly string[]): TellableOfTopics {
  const tellable = tellables.get(topics) ?? newTellable(topics)
  tellables.set(topics, tellable)
  return tellable
}

function newTellable(topics: readonly string[]): TellableOfTopics {
  const rows = CATALOGUE.filter((row: MetricRow) => row.origin === 'swarm').map((row: MetricRow) => {
    const labels: [key: string, values: LabelValues][] = Object.entries(row.labels)
    const closed = labels
      .filter(([key, values]) => key !== 'network_id' && values !== 'client')
      .map(([key, values]) => [key, values === 'topic' ? topics : listed(values)] as const)
    return { row, closed, hasClient: labels.some(([, values]) => values === 'client') }
  })
  const zeros = rows.flatMap(({ row, closed, hasClient }) =>
    combinations(closed).map((labels) => ({ row, labels: hasClient ? { client: UNKNOWN_NAME, ...labels } : labels })),
  )
  return { rows: new Map(rows.map((tellable) => [tellable.row.name, tellable])), zeros }
}

function listed(values: LabelValues): readonly string[] {
  return typeof values === 'string' ? [] : values
}

function zero({ kind, buckets = [] }: MetricRow): number | HistogramValue {
  return kind === 'histogram' ? emptyHistogram(buckets) : 0
}

function combinations(labels: Tellable['closed']): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (partial, [key, values]) => partial.flatMap((given) => values.map((value) => ({ ...given, [key]: value }))),
    [{}],
  )
}

/** The labels in the order of the row, so that a series has one key however it was written. */
function toSample(
  { name, labels: keys }: MetricRow,
  networkId: string,
  given: Record<string, string>,
  value: number | HistogramValue,
): TotalSample {
  const labels: Record<string, string> = {}
  for (const key of Object.keys(keys)) labels[key] = key === 'network_id' ? networkId : (given[key] ?? '')
  return { metric: name, labels, value } as TotalSample
}
