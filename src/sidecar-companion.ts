import { examineMetrics } from './companion/examine-metrics.ts'
import { createMetricsWatch } from './companion/metrics-watch.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import { defaultTopicNames, topicName } from './mesh/topics.ts'
import type { CompanionMetricsSource } from './metrics/companion-metrics.ts'
import type { Refresher } from './metrics/refreshers.ts'
import { version } from './version.ts'

export interface WatchedNetwork {
  networkId: string
  /** Where the companion serves its own metrics; absent: they are not read. */
  companionMetrics?: string
  /** Of the genesis config; absent without one. */
  attestationCommittees?: number
  swarm: { topics: readonly string[] }
}

/** Reads the companions' own metrics, of each network that says where they are. */
export interface CompanionWatch extends CompanionMetricsSource {
  /** To run before what reads the reports. */
  refreshers: Refresher[]
  stop(): void
}

export function watchCompanions(networks: readonly WatchedNetwork[]): CompanionWatch {
  const watched = networks.flatMap((network) => {
    const { networkId, companionMetrics: url } = network
    if (url === undefined) return []
    const topics = topicsOfNetwork(network)
    const shared = { url, givenAs: 'companion_metrics', userAgent: `leanmesh/${version}` }
    const options = { ...shared, ...(topics !== undefined && { topics }) }
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

/** How many topics the network has; undefined where the sidecar may join fewer than the companion does. */
function topicsOfNetwork({ attestationCommittees, swarm: { topics } }: WatchedNetwork): number | undefined {
  if (attestationCommittees === undefined) return undefined
  const joined = new Set(topics.map(topicName))
  return defaultTopicNames(attestationCommittees).every((name) => joined.has(name)) ? joined.size : undefined
}
