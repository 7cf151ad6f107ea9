import type { Meter } from '@opentelemetry/api'
import type { Names } from '../mesh/names.ts'
import type { NetworkSource } from '../mesh/network-state.ts'
import { buildSamples } from './build.ts'
import { committeeSamples } from './committees.ts'
import { companionSamples } from './companion.ts'
import { REJECT_REASONS, type RejectReason } from './sidecar-rows.ts'
import { CATALOGUE } from './catalogue.ts'
import { GOSSIPSUB_METRICS, gossipsubSamples } from './gossipsub.ts'
import { headNames, headSamples } from './heads.ts'
import { httpSamples, type HttpSource } from './http.ts'
import { registerInstruments } from './instruments.ts'
import { otlpSamples, type OtlpSource } from './otlp.ts'
import { createNameLimit } from './name-limit.ts'
import { meshSamples } from './mesh.ts'
import { meshSupplySamples } from './mesh-supply.ts'
import { messageSamples } from './messages.ts'
import { networkSamples } from './networks.ts'
import { nodeSamples } from './node.ts'
import { processSamples, type ProcessSource } from './process.ts'
import { refresherSamples } from './refresher-status.ts'
import { createRefreshers, type RefresherStatus, type Refreshers } from './refreshers.ts'
import { sample, type HistogramSample, type Sample } from './sample.ts'
import { swarmTotalSamples } from './swarm-totals.ts'
import { totalFamilies, type TotalFamily } from './total-families.ts'

export interface MetricsOptions {
  version: string
  /** Whether the sidecar also says of itself what leanMetrics has clients say. Default false. */
  hasLeanNodeInfo?: boolean
  /** How long a scrape waits for a fresh snapshot, in milliseconds. */
  snapshotDeadlineMs: number
  /** How long any other refresher may take, in milliseconds. Default 1,000. */
  refresherDeadlineMs?: number
  /** Whether gossipsub's own metrics are exported. Default false. */
  hasGossipsub?: boolean
}

export interface MetricsDeps {
  networks: readonly NetworkSource[]
  /** The names table as it is now; `undefined` without one. */
  names(): Names | undefined
  /** The host's monotonic clock, in milliseconds: the one that snapshots are stamped with. */
  clock: { nowMs(): number }
  process: ProcessSource
  http: HttpSource
  onRefresherChange?(status: RefresherStatus): void
  /** Absent: nothing is pushed, and there are no metrics of it. */
  otlp?: OtlpSource
}

export interface Metrics {
  /** Others append their own sources and observers here, before the first scrape. */
  readonly refreshers: Refreshers
  /** Registers the gauges; returns what removes their callbacks. */
  register(meter: Meter): () => void
  /** The counters and histograms, brought up to date by the same refresh as the gauges of this collection. */
  totals(): Promise<TotalFamily[]>
  /** Counts a series that was left out of a scrape. */
  reject(reason: RejectReason): void
}

/** Every metric of the catalogue, from the networks to instruments and totals. */
export function createMetrics(options: MetricsOptions, deps: MetricsDeps): Metrics {
  const refreshers = createRefreshers({ deadlineMs: options.refresherDeadlineMs ?? 1000 }, deps)
  const rows = options.hasGossipsub === true ? [...CATALOGUE, ...GOSSIPSUB_METRICS] : CATALOGUE
  const families = new Map<string, (Sample | HistogramSample)[]>()
  const rejected = new Map<RejectReason, number>(REJECT_REASONS.map((reason) => [reason, 0]))
  const reject = (reason: RejectReason) => void rejected.set(reason, (rejected.get(reason) ?? 0) + 1)

  for (const network of deps.networks) {
    refreshers.addSource({
      name: `network:${network.networkId}`,
      deadlineMs: options.snapshotDeadlineMs,
      refresh: async (signal) => network.refresh(signal),
    })
  }
  for (const [name, observe] of Object.entries(observers(options, deps, reject))) {
    refreshers.addObserver({
      name,
      refresh() {
        families.delete(name)
        families.set(name, observe())
      },
    })
  }

  const samples = () => [
    ...[...families.values()].flat(),
    ...refresherSamples(refreshers.statuses()),
    ...Array.from(rejected, ([reason, count]) => sample('leanmesh_series_rejected_total', { reason }, count)),
  ]
  return {
    refreshers,
    reject,
    register: (meter) => registerInstruments(meter, rows, { refresh: async () => refreshers.refresh(), samples }),
    async totals() {
      await refreshers.refresh()
      return totalFamilies(rows, samples())
    },
  }
}

/** One observer a family. One that fails has no samples at this scrape, rather than those of an earlier one. */
function observers(
  options: MetricsOptions,
  deps: MetricsDeps,
  reject: (reason: RejectReason) => void,
): Record<string, () => (Sample | HistogramSample)[]> {
  const limited = createNameLimit()
  // Counted by one family alone, so that a name that is left out counts once a scrape.
  const counted = () => limited(deps.names(), () => reject('limit'))
  const { otlp } = deps
  const states = () => deps.networks.map((network) => network.state())
  return {
    mesh: () => meshSamples(states(), counted()),
    mesh_supply: () => meshSupplySamples(states(), limited(deps.names())),
    companion: () => companionSamples(states()),
    committees: () => committeeSamples(states()),
    heads: () => headSamples(states(), limited(headNames(states(), deps.names())), deps.clock.nowMs()),
    networks: () => networkSamples(states(), deps.clock.nowMs()),
    messages: () => messageSamples(states(), deps.clock.nowMs()),
    swarm_totals: () => swarmTotalSamples(states(), deps.names(), reject),
    ...(options.hasGossipsub === true && { gossipsub: () => gossipsubSamples(states(), reject) }),
    process: () => processSamples(deps.process, states()),
    http: () => httpSamples(deps.http),
    build: () => buildSamples(options.version),
    ...(options.hasLeanNodeInfo === true && {
      node: () => nodeSamples(options.version, deps.process.startTimeSeconds),
    }),
    ...(otlp && { otlp: () => otlpSamples(otlp) }),
  }
}
