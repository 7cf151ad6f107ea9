import type { Meter } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'

/** A reader with the SDK's defaults, as an application has it that knows nothing of leanmesh: cumulative throughout. */
export class StockReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}

export interface HostApplication {
  meter: Meter
  /** Collects, and gives the values of one metric by its labels, `key=value,key=value`. Fails on a collection error. */
  values(metric: string): Promise<Record<string, unknown>>
}

/** An application with its own OpenTelemetry SDK, that embeds the gauge. */
export function createHostApplication(): HostApplication {
  const reader = new StockReader()
  const provider = new MeterProvider({ readers: [reader] })
  return {
    meter: provider.getMeter('host'),
    async values(name) {
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw new AggregateError(errors)
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      const points = metrics.find((metric) => metric.descriptor.name === name)?.dataPoints ?? []
      return Object.fromEntries(points.map(({ attributes, value }) => [labelText(attributes), value]))
    },
  }
}

function labelText(attributes: object): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}
