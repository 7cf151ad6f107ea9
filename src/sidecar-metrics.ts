import { createMetricsPipeline, type MetricsPipeline } from './exporters/metrics-pipeline.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import type { UsageMeter } from './lifecycle/process-usage.ts'
import type { Logger } from './log.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import type { HttpSource } from './metrics/http.ts'
import type { Refresher, Refreshers } from './metrics/refreshers.ts'
import type { Network } from './networks/network.ts'
import type { CompanionWatch } from './sidecar-companion.ts'
import type { NamesSource } from './sidecar-names.ts'
import type { SidecarOptions } from './sidecar-options.ts'
import { createOtlpReader } from './sidecar-otlp.ts'
import { version } from './version.ts'

/** What a collection may take beside its longest part, the wait for fresh snapshots. */
const COLLECTION_MARGIN_MS = 4000

/** What the metrics are read from. */
export interface Observed {
  networks: Network[]
  names: NamesSource | undefined
  usage: UsageMeter
  http: HttpSource
  /** Files that are read again, beside the names. */
  files: readonly Refresher[]
  companions: CompanionWatch
  log: Logger
}

export interface Exporters {
  pipeline: MetricsPipeline
  refreshers: Refreshers
  startPush(): void
}

/** From the networks to the text that a scrape gets, and to what is pushed. */
export function createPipeline(options: SidecarOptions, observed: Observed): Exporters {
  const { networks, names, usage, http, files, companions, log } = observed
  const startTimeMs = Date.now()
  const onRejected = () => metrics.reject('invalid_series')
  const push = options.otlp && createOtlpReader(options.otlp, onRejected, log)
  const metrics = createMetrics(
    {
      version,
      snapshotDeadlineMs: options.snapshotDeadlineMs,
      hasLeanNodeInfo: options.hasLeanNodeInfo ?? false,
      hasGossipsub: options.networks.some(({ swarm }) => swarm.gossipsubMetrics),
    },
    {
      networks,
      names: () => names?.names(),
      clock: { nowMs: monotonicMs },
      process: { usage: () => usage.read(), startTimeSeconds: startTimeMs / 1000 - process.uptime() },
      http,
      onRefresherChange({ name, error }) {
        if (error === undefined) log.info({ refresher: name }, 'a refresher is up to date again')
        else log.warn({ refresher: name }, `a refresher failed, so its values may be old: ${error}`)
      },
      ...(push && { otlp: push }),
      ...(companions.refreshers.length > 0 && { companionMetrics: companions }),
    },
  )
  for (const refresher of [...companions.refreshers, ...files]) metrics.refreshers.addSource(refresher)
  if (names?.refresh) metrics.refreshers.addSource({ name: 'names', refresh: names.refresh })
  const pipeline = createMetricsPipeline(
    {
      resource: options.resource,
      version,
      startTimeMs,
      collectionDeadlineMs: options.snapshotDeadlineMs + COLLECTION_MARGIN_MS,
    },
    { totals: () => metrics.totals(), onRejected },
  )
  metrics.register(pipeline.meter)
  if (push) pipeline.attach(push)
  return { pipeline, refreshers: metrics.refreshers, startPush: () => push?.start() }
}
