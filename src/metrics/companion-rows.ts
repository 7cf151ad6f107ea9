import { COMPANION_STATES } from '../mesh/companion-state.ts'
import type { MetricRow } from './metric-row.ts'

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
] as const satisfies readonly MetricRow[]
