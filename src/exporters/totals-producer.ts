import { ValueType, type HrTime } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricProducer,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { withDeadline } from './deadline.ts'

type Points<Value> = readonly { labels: Record<string, string>; value: Value }[]

/** A counter or a histogram whose series are totals since the start, whoever counted them. */
export type TotalFamily = { name: string; help: string } & (
  | { kind: 'counter'; points: Points<number> }
  | {
      kind: 'histogram'
      /** Upper bounds, without +Inf; each point has one count more. */
      bounds: readonly number[]
      points: Points<{ counts: readonly number[]; sum: number }>
    }
)

export interface TotalsProducerOptions {
  /** The scope that the totals are exported under. */
  scope: { name: string; version: string }
  /** When counting began, in milliseconds since the Unix epoch. */
  startTimeMs: number
}

export interface TotalsProducerDeps {
  /** The totals as they are now. */
  totals(): Promise<readonly TotalFamily[]>
  /** Milliseconds since the Unix epoch. */
  nowMs(): number
}

/** Totals as OpenTelemetry metrics. The SDK's own counters would start again at 0 with each swarm. */
export function createTotalsProducer(options: TotalsProducerOptions, deps: TotalsProducerDeps): MetricProducer {
  const startTime = hrTime(options.startTimeMs)

  async function collectTotals(timeoutMs: number | undefined): Promise<CollectionResult> {
    const families = await withDeadline(deps.totals(), timeoutMs, 'the totals')
    const endTime = hrTime(deps.nowMs())
    const metrics = families
      .filter(({ points }) => points.length > 0)
      .map((each) => toMetric(each, { startTime, endTime }))
    return {
      resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: options.scope, metrics }] },
      errors: [],
    }
  }

  return {
    async collect({ timeoutMillis } = {}) {
      try {
        return await collectTotals(timeoutMillis)
      } catch (error) {
        return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [] }, errors: [error] }
      }
    },
  }
}

function toMetric(family: TotalFamily, times: { startTime: HrTime; endTime: HrTime }): MetricData {
  const { name, help } = family
  const shared = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  if (family.kind === 'counter') {
    const dataPoints = family.points.map(({ labels, value }) => ({ attributes: labels, value, ...times }))
    return { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
  }
  const boundaries = [...family.bounds]
  const dataPoints = family.points.map(({ labels, value: { counts, sum } }) => {
    const buckets = { boundaries, counts: [...counts] }
    return { attributes: labels, value: { buckets, sum, count: counts.reduce((a, b) => a + b, 0) }, ...times }
  })
  return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints }
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
