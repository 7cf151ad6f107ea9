import type { Meter } from '@opentelemetry/api'
import { DataPointType, type MetricData, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'

/** A reader with the SDK's defaults, as an application has it that knows nothing of leanmesh: cumulative throughout. */
export class StockReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}

export interface HostApplication {
  meter: Meter
  /** Collects, and gives the values of one metric by its labels, `key=value,key=value`. Fails on a collection error. */
  values(metric: string): Promise<Record<string, unknown>>
  /** Collects, and gives the kind of each metric. Fails on a collection error. */
  kinds(): Promise<Record<string, string>>
}

/** An application with its own OpenTelemetry SDK, that embeds the gauge. */
export function createHostApplication(): HostApplication {
  const reader = new StockReader()
  const provider = new MeterProvider({ readers: [reader] })
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect()
    if (errors.length > 0) throw new AggregateError(errors)
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  }
  return {
    meter: provider.getMeter('host'),
    kinds: async () => Object.fromEntries((await collect()).map((metric) => [metric.descriptor.name, kindOf(metric)])),
    async values(name) {
      const metrics = await collect()
      const points = metrics.find((metric) => metric.descriptor.name === name)?.dataPoints ?? []
      return Object.fromEntries(points.map(({ attributes, value }) => [labelText(attributes), value]))
    },
  }
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? 'counter' : 'up and down'
  return metric.dataPointType === DataPointType.GAUGE ? 'gauge' : 'histogram'
}

function labelText(attributes: object): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}
