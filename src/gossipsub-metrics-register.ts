import type { Attributes, Meter, Observable } from '@opentelemetry/api'
import { allSeries } from './gossipsub-metrics/all-series.ts'
import { type ExportedMetric, exportedMetrics } from './gossipsub-metrics/exported-metrics.ts'
import type { MetricsRegister } from './gossipsub-metrics/metrics-register.ts'
import { createGossipsubRegister } from './gossipsub-metrics/register.ts'
import { GOSSIPSUB_ROWS, REFUSED_ROW } from './gossipsub-metrics/table.ts'
import { endingInZero } from './mesh/ending-in-zero.ts'
import type { Level } from './mesh/gossipsub-state.ts'
import { seriesKey, type Total } from './mesh/totals.ts'

const ROWS = [...GOSSIPSUB_ROWS, REFUSED_ROW]
const COUNTERS = ROWS.filter(({ kind }) => kind === 'counter')

export interface GossipsubMetricsOptions {
  /** The topics to tell apart, each with the label it gets. All others together are `other`. Default: none. */
  topics?: Iterable<readonly [topic: string, label: string]>
  /** Attributes of every series. Several gossipsubs on one meter need one that tells them apart. */
  attributes?: Attributes
}

/** What gossipsub's options `metricsRegister` and `metricsTopicStrToLabel` take. */
export interface GossipsubMetrics extends MetricsRegister {
  /**
   * For `metricsTopicStrToLabel`. Topics may be added and deleted at any time, up to 256: the series of a deleted one end.
   * With another map a peer can make up a topic that is called like a label, and is counted there.
   */
  readonly topicStrToLabel: Map<string, string>
  /** Ends the observation. Idempotent. A reader of yours that is cumulative goes on exporting the last values. */
  stop(): void
}

/**
 * js gossipsub's own metrics, reported to an OpenTelemetry meter: counters as counters, histograms as histograms with
 * gossipsub's buckets, levels as gauges, of averages with lowest and highest. Names and labels are those of the table in
 * `docs/metrics.md`. Levels and totals are read at each collection of `meter`, and at no other time.
 *
 * For @libp2p/gossipsub 17 and @chainsafe/libp2p-gossipsub 14. What another version has beside is counted in
 * `leanmesh_gossipsub_refused_total`.
 */
export function gossipsubMetricsRegister(meter: Meter, options: GossipsubMetricsOptions = {}): GossipsubMetrics {
  const { topics = [], attributes = {} } = options
  const register = createGossipsubRegister({
    topics,
    histogram({ name, help }, bounds) {
      const advice = { explicitBucketBoundaries: [...bounds] }
      const histogram = meter.createHistogram(name, { description: help, advice })
      return (value, labels) => histogram.record(value, { ...attributes, ...labels })
    },
  })
  const exported = ROWS.filter(({ kind }) => kind !== 'histogram').flatMap(exportedMetrics)
  const instruments = new Map(exported.map((metric) => [metric.name, instrument(meter, metric)]))
  const withEnds = endingInZero<Level>()
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const { totals, levels } = register.read()
    const counted = new Map(zeros(register.topicStrToLabel).map((zero) => [seriesKey(zero), zero]))
    for (const total of totals) counted.set(seriesKey(total), total)
    for (const { metric, labels, value } of [...counted.values(), ...withEnds(levels)]) {
      const instrument = instruments.get(metric)
      if (instrument && typeof value === 'number') result.observe(instrument, value, { ...attributes, ...labels })
    }
  }
  const observables = [...instruments.values()]
  meter.addBatchObservableCallback(observe, observables)
  return {
    ...register.metricsRegister,
    topicStrToLabel: register.topicStrToLabel,
    stop: () => meter.removeBatchObservableCallback(observe, observables),
  }
}

function instrument(meter: Meter, { name, kind, help: description }: ExportedMetric): Observable {
  return kind === 'counter'
    ? meter.createObservableCounter(name, { description })
    : meter.createObservableGauge(name, { description })
}

/** Each counter has all its series from the start: a first event is an increase then. */
function zeros(topics: ReadonlyMap<string, string>): Total[] {
  const labels = [...topics.values()]
  return COUNTERS.flatMap((row) =>
    allSeries(row, labels).map((series) => ({ metric: row.name, labels: series, value: 0 })),
  )
}
