import { examineMetrics } from './companion/examine-metrics.ts'
import { createMetricsWatch } from './companion/metrics-watch.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import type { CompanionMetricsSource } from './metrics/companion-metrics.ts'
import type { Refresher } from './metrics/refreshers.ts'
import { version } from './version.ts'

export interface WatchedNetwork {
  networkId: string
  /** Where the companion serves its own metrics; absent: they are not read. */
  companionMetrics?: string
  swarm: { topics: readonly string[] }
}

/** Reads the companions' own metrics, of each network that says where they are. */
export interface CompanionWatch extends CompanionMetricsSource {
  /** To run before what reads the reports. */
  refreshers: Refresher[]
  stop(): void
}

export function watchCompanions(networks: readonly WatchedNetwork[]): CompanionWatch {
  const watched = networks.flatMap(({ networkId, companionMetrics: url, swarm }) => {
    if (url === undefined) return []
    const options = { url, givenAs: 'companion_metrics', userAgent: `leanmesh/${version}`, topics: swarm.topics.length }
    const examine = async (signal: AbortSignal) => examineMetrics(options, signal)
    return [{ networkId, watch: createMetricsWatch({ examine, nowMs: monotonicMs }) }]
  })
  return {
    refreshers: watched.map(({ networkId, watch }) => ({
      name: `companion_metrics:${networkId}`,
      refresh: () => watch.refresh(),
    })),
    reports: () =>
      watched.flatMap(({ networkId, watch }) => {
        const report = watch.report()
        return report === undefined ? [] : [{ networkId, ...report }]
      }),
    stop() {
      for (const { watch } of watched) watch.stop()
    },
  }
}
