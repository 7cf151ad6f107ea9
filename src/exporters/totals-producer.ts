import { ValueType, type HrTime } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricProducer,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics'
import { withDeadline } from './deadline.ts'

/** A counter whose series are totals since the start, whoever counted them. */
export interface TotalFamily {
  kind: 'counter'
  name: string
  help: string
  points: readonly { labels: Record<string, string>; value: number }[]
}

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
    const metrics = families.filter(({ points }) => points.length > 0).map((each) => toSum(each, startTime, endTime))
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

function toSum({ name, help, points }: TotalFamily, startTime: HrTime, endTime: HrTime): SumMetricData {
  return {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: points.map(({ labels, value }) => ({ attributes: labels, value, startTime, endTime })),
  }
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
