import { createMetricsPipeline, type MetricsPipeline } from '../../src/exporters/metrics-pipeline.ts'
import { createMetrics, type Metrics } from '../../src/metrics/create-metrics.ts'
import type { CompanionReport } from '../../src/metrics/companion-metrics.ts'
import type { HttpSource } from '../../src/metrics/http.ts'
import type { OtlpSource } from '../../src/metrics/otlp.ts'
import type { Names } from '../../src/mesh/names.ts'
import type { NetworkSource } from '../../src/mesh/network-state.ts'

export interface MetricsSetup {
  metrics: Metrics
  pipeline: MetricsPipeline
  /** The body of a scrape that must succeed. */
  scrape: () => Promise<string>
}

export interface MetricsSetupOptions {
  names?: () => Names | undefined
  nowMs?: () => number
  collectionDeadlineMs?: number
  hasLeanNodeInfo?: boolean
  /** What was pushed; absent: nothing is. */
  otlp?: ReturnType<OtlpSource['stats']>
  /** What the HTTP server refused; absent: it asks nothing of anybody. */
  httpRefusals?: ReturnType<NonNullable<HttpSource['refusals']>>
  hasGossipsub?: boolean
  /** What companions' own metrics said; absent: none are read. */
  companionReports?: CompanionReport[]
  resource?: Record<string, string>
}

/** The metrics of these networks and their exporters, as the sidecar composes them, with a clock that stands still. */
export function setUpMetrics(networks: NetworkSource[], options: MetricsSetupOptions = {}): MetricsSetup {
  const version = '0.0.0-test'
  const { otlp, companionReports, httpRefusals } = options
  const metrics = createMetrics(
    {
      version,
      snapshotDeadlineMs: 250,
      hasLeanNodeInfo: options.hasLeanNodeInfo ?? false,
      hasGossipsub: options.hasGossipsub ?? false,
    },
    {
      networks,
      names: options.names ?? (() => undefined),
      clock: { nowMs: options.nowMs ?? (() => 10_000) },
      process: {
        usage: () => ({ cpuSeconds: 1.5, residentBytes: 83_886_080, eventLoopLagSeconds: 0.011 }),
        startTimeSeconds: 1_750_000_000,
      },
      http: { droppedConnections: () => 0, ...(httpRefusals && { refusals: () => httpRefusals }) },
      ...(otlp && { otlp: { stats: () => otlp } }),
      ...(companionReports && { companionMetrics: { reports: () => companionReports } }),
    },
  )
  const pipeline = createMetricsPipeline(
    {
      version,
      resource: options.resource ?? { 'service.name': 'leanmesh' },
      startTimeMs: 1_750_000_000_000,
      collectionDeadlineMs: options.collectionDeadlineMs ?? 5000,
    },
    { totals: async () => metrics.totals(), onRejected: () => metrics.reject('invalid_series') },
  )
  metrics.register(pipeline.meter)
  return {
    metrics,
    pipeline,
    async scrape() {
      const scrape = await pipeline.scrape()
      if (!scrape.ok) throw new Error(scrape.reason)
      return scrape.body
    },
  }
}
