import { COMPANION_STATES } from '../mesh/companion-state.ts'
import { LEAN_NETWORK_METRICS } from '../mesh/lean-metrics.ts'
import type { MetricRow } from './metric-row.ts'

/** What a client may mean by its mesh peers. */
export const REPORTED_DEFINITIONS = ['sum', 'distinct', 'subscribers', 'unknown'] as const

const OWN_METRICS =
  "Read from the companion's own metrics where `companion_metrics` says where they are, at most every 15 s and while somebody collects. No " +
  'series when that fails, which `leanmesh_refresher_success` says, and none two minutes after the last reading.'

/** What is measured of the client that the sidecar runs beside. */
export const COMPANION_ROWS = [
  {
    name: 'leanmesh_companion_state',
    kind: 'gauge',
    help: '1 for the state that the companion is in, 0 for each of the others',
    labels: { network_id: 'open', state: COMPANION_STATES },
    meaning:
      'How far the client that `companion` names gets with the observer. `unreachable`: no dial has come through; `handshake_failed`: somebody ' +
      'answers, and no connection lasts 5 s; `wrong_peer_id`: another key answers at its address; `no_gossipsub`, `no_common_topic`: connected, and ' +
      'no more; `subscribed`: to a topic of ours, and in no mesh; `pruned_backoff`: the same, and a prune forbids to graft it for now; `meshed`: in ' +
      'the mesh of one topic or more. `/v1/companion` says since when, on what evidence, and what to do. No series without a companion; they end ' +
      'while the network does not run.',
  },
  {
    name: 'leanmesh_companion_reported_mesh_peers',
    kind: 'gauge',
    help: "Mesh peers that the companion's own lean_gossip_mesh_peers adds up to",
    labels: { network_id: 'open', definition: REPORTED_DEFINITIONS },
    meaning:
      "The client's own count, in its own way: `sum` of memberships over topics, `distinct` peers, or `subscribers`, meshed or not; `unknown` where " +
      `its name, labels and numbers leave more than one open. Compare it with another one of the same definition only. ${OWN_METRICS}`,
  },
  {
    name: 'leanmesh_companion_metric_conformance',
    kind: 'gauge',
    help: 'Whether a network metric of the companion follows leanMetrics in name, type, help, labels and buckets',
    labels: { network_id: 'open', metric: LEAN_NETWORK_METRICS.map(({ name }) => name) },
    meaning:
      '1 if it does, 0 if it deviates; no series of one that the client does not have. `leanmesh conformance URL` says in what it deviates. ' +
      OWN_METRICS,
  },
] as const satisfies readonly MetricRow[]
