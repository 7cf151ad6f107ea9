import type { GossipsubState } from '../mesh/gossipsub-state.ts'
import { avgMinMax, counter, forwarded, gauge, gaugeOfTopics, histogram, type KeptMetric } from './kept-metrics.ts'
import type { AvgMinMax, Gauge, Histogram, LabelsOf, MetricConfig, MetricsRegister } from './metrics-register.ts'
import type { GossipsubRow } from './row.ts'
import type { Bounds } from './series-table.ts'
import { GOSSIPSUB_ROWS, REFUSED_ROW, type Refusal } from './table.ts'
import { createTopicGauge } from './topic-gauge.ts'
import { createTopicLabels } from './topic-labels.ts'

export interface GossipsubRegisterOptions {
  /** The topics to tell apart, each with its label. All others together are `other`. */
  topics: Iterable<readonly [topic: string, label: string]>
  /** Makes what counts a histogram. Default: the register counts it, and it is part of what is read. */
  histogram?(row: GossipsubRow, bounds: readonly number[]): (value: number, labels: Record<string, string>) => void
}

/** What one js gossipsub tells of itself, kept as plain state. */
export interface GossipsubRegister {
  /** For gossipsub's option of this name. */
  readonly metricsRegister: MetricsRegister
  /** For gossipsub's option `metricsTopicStrToLabel`. Topics may come and go at any time. */
  readonly topicStrToLabel: Map<string, string>
  /** Asks gossipsub for its levels, and gives everything as it is now. Never throws. */
  read(): GossipsubState
}

interface HistogramConfig extends MetricConfig {
  buckets?: number[]
}

const ROWS: ReadonlyMap<string, GossipsubRow> = new Map(GOSSIPSUB_ROWS.map((row) => [row.upstream, row]))
const SUBSCRIPTIONS = 'gossipsub_topic_subscription_status'

/** Counts what the table of rows knows, under the names, by the kinds and with the labels that it has there. */
export function createGossipsubRegister(options: GossipsubRegisterOptions): GossipsubRegister {
  const refusals = counter(REFUSED_ROW, { topics: new Map(), refuse: () => undefined })
  const refuse = (reason: Refusal) => refusals.inc?.({ reason })
  const topics = createTopicLabels(options.topics, () => refuse('topic_limit'))
  const create = metricFactory({ topics, refuse }, options)
  const kept = new Map<string, KeptMetric>([['', refusals]])
  const collects: (() => void)[] = []

  const metricOf = (config: HistogramConfig): KeptMetric => {
    const { name } = config
    const row = ROWS.get(name)
    if (row === undefined) return unknownMetric(refuse)
    const metric = kept.get(name) ?? create(row, config.buckets ?? [])
    kept.set(name, metric)
    return metric
  }
  return {
    metricsRegister: registerOf(metricOf, (collect) => void collects.push(collect)),
    topicStrToLabel: topics,
    read() {
      for (const { forget } of kept.values()) forget?.()
      for (const collect of collects) {
        try {
          collect()
        } catch {
          refuse('collect_failed')
        }
      }
      const all = [...kept.values()]
      return {
        totals: all.flatMap(({ totals }) => totals?.() ?? []),
        levels: all.flatMap(({ levels }) => levels?.() ?? []),
      }
    },
  }
}

function metricFactory(bounds: Bounds, options: GossipsubRegisterOptions) {
  const subscriptions = createTopicGauge(ROWS.get(SUBSCRIPTIONS) as GossipsubRow, bounds.topics)
  return (row: GossipsubRow, buckets: readonly number[]): KeptMetric => {
    if (row.upstream === SUBSCRIPTIONS) return gaugeOfTopics(subscriptions)
    if (row.kind === 'counter') return counter(row, bounds)
    if (row.kind === 'avg_min_max') return avgMinMax(row, bounds)
    if (row.kind === 'gauge') {
      const isOfTopics = Object.values(row.labels).includes('topic string')
      return isOfTopics ? gaugeOfTopics(createTopicGauge(row, bounds.topics), subscriptions.topics) : gauge(row, bounds)
    }
    const ascending = [...new Set(buckets.filter(Number.isFinite))].sort((a, b) => a - b)
    const record = options.histogram?.(row, ascending)
    return record ? forwarded(row, bounds, record) : histogram(row, bounds, ascending)
  }
}

/** A metric of a gossipsub that the table does not know: there is nothing to call it, so it is only seen that there is one. */
function unknownMetric(refuse: (reason: Refusal) => void): KeptMetric {
  const tell = () => refuse('unknown_metric')
  return { inc: tell, set: tell, observe: tell }
}

/** As gossipsub asks for it. Its types of these functions depend on the labels, which are looked at when they come. */
function registerOf(
  metricOf: (config: HistogramConfig) => KeptMetric,
  addCollect: (collect: () => void) => void,
): MetricsRegister {
  const nothing = () => undefined
  return {
    gauge<Labels extends LabelsOf>(config: MetricConfig) {
      const { inc = nothing, set = nothing } = metricOf(config)
      const asGauge: Gauge = { inc, set, addCollect: (collect) => addCollect(() => collect(asGauge)) }
      return asGauge as unknown as Gauge<Labels>
    },
    histogram<Labels extends LabelsOf>(config: HistogramConfig) {
      const { observe = nothing } = metricOf(config)
      const startTimer = () => {
        const startedAt = performance.now()
        return () => observe((performance.now() - startedAt) / 1000)
      }
      // gossipsub resets what it is about to sample anew; what was counted stays counted.
      const asHistogram: Histogram = { observe, startTimer, reset: nothing }
      return asHistogram as unknown as Histogram<Labels>
    },
    avgMinMax<Labels extends LabelsOf>(config: MetricConfig) {
      const { set = nothing } = metricOf(config)
      const asAvgMinMax: AvgMinMax = { set }
      return asAvgMinMax as unknown as AvgMinMax<Labels>
    },
  }
}
