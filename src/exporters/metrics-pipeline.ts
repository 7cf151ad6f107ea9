import type { Attributes, Meter } from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics'
import type { OnRejected } from './prometheus-families.ts'
import { PrometheusReader, type Scrape } from './prometheus-reader.ts'
import { SharedReader } from './shared-reader.ts'
import { createTotalsProducer, type TotalFamily } from './totals-producer.ts'

export interface MetricsPipelineOptions {
  /** OpenTelemetry resource attributes, `service.name` included. */
  resource: Attributes
  /** The version of leanmesh: that of the instrumentation scope. */
  version: string
  /** When counting began, in milliseconds since the Unix epoch. */
  startTimeMs: number
  /** How long a collection may take, in milliseconds. Default 5,000. */
  collectionDeadlineMs?: number
}

export interface MetricsPipelineDeps {
  /** The counters, as totals; awaited in each collection. */
  totals(): Promise<readonly TotalFamily[]>
  /** Told of each series that was left out because it would have been invalid. */
  onRejected: OnRejected
}

export interface MetricsPipeline {
  /** Where instruments are registered. */
  readonly meter: Meter
  /** A whole scrape in Prometheus' text format, or why there is none. Never rejects. */
  scrape(): Promise<Scrape>
  /** Adds a reader beside the Prometheus one. It gets the same collections. */
  attach(reader: MetricReader): void
  /** Stops the readers, last attached first, each within `timeoutMs`. Idempotent; never rejects. */
  shutdown(timeoutMs?: number): Promise<void>
}

const SCOPE_NAME = 'leanmesh'

/** One meter provider, one collection at a time, any number of readers. */
export function createMetricsPipeline(options: MetricsPipelineOptions, deps: MetricsPipelineDeps): MetricsPipeline {
  const scope = { name: SCOPE_NAME, version: options.version }
  const totals = createTotalsProducer(
    { scope, startTimeMs: options.startTimeMs },
    { totals: async () => deps.totals(), nowMs: () => Date.now() },
  )
  const shared = new SharedReader({ deadlineMs: options.collectionDeadlineMs ?? 5000 }, { producers: [totals] })
  const resource = defaultResource().merge(resourceFromAttributes(options.resource))
  const provider = new MeterProvider({ resource, readers: [shared] })
  const readers: MetricReader[] = []
  let stopped: Promise<void> | undefined

  function attach<R extends MetricReader>(reader: R): R {
    reader.setMetricProducer(shared)
    readers.unshift(reader)
    return reader
  }

  async function stop(timeoutMs: number): Promise<void> {
    // One after the other: an exporter's last collection still needs the provider. One that fails has lost its own push.
    for (const reader of readers) await reader.shutdown({ timeoutMillis: timeoutMs }).catch(() => undefined)
    await provider.shutdown({ timeoutMillis: timeoutMs }).catch(() => undefined)
  }

  const prometheus = attach(new PrometheusReader(deps))
  return {
    meter: provider.getMeter(scope.name, scope.version),
    scrape: async () => prometheus.scrape(),
    attach: (reader) => void attach(reader),
    shutdown: async (timeoutMs = 2000) => (stopped ??= stop(timeoutMs)),
  }
}
