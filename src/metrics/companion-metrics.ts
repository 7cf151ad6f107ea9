import type { LeanMetricName } from '../mesh/lean-metrics.ts'
import type { REPORTED_DEFINITIONS } from './companion-rows.ts'
import { sample, type Sample } from './sample.ts'

/** What a companion's own metrics say, as far as it is measured. */
export interface CompanionReport {
  networkId: string
  metrics: readonly { metric: LeanMetricName; verdict: 'conforms' | 'deviates' | 'absent' }[]
  meshPeers: { reported?: number; definition: (typeof REPORTED_DEFINITIONS)[number] }
}

export interface CompanionMetricsSource {
  /** Of the networks whose companion's metrics were read just now; at most one each. */
  reports(): CompanionReport[]
}

/** A metric that the companion does not have has no series: many clients do without some. */
export function companionMetricsSamples(source: CompanionMetricsSource): Sample[] {
  return source
    .reports()
    .flatMap(({ networkId: network_id, metrics, meshPeers: { reported, definition } }) => [
      ...(reported === undefined
        ? []
        : [sample('leanmesh_companion_reported_mesh_peers', { network_id, definition }, reported)]),
      ...metrics
        .filter(({ verdict }) => verdict !== 'absent')
        .map(({ metric, verdict }) =>
          sample('leanmesh_companion_metric_conformance', { network_id, metric }, verdict === 'conforms' ? 1 : 0),
        ),
    ])
}
