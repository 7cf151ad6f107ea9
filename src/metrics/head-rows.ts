import type { MetricRow } from './metric-row.ts'

const WHO =
  'From the Status request that each named peer gets every `status_interval_slots` while it is connected. No series of a peer that is not ' +
  'connected, has not answered for three intervals, or claims no head, as another observer does.'

/** What the peers say of their chains, and how they were asked. */
export const HEAD_ROWS = [
  {
    name: 'leanmesh_peer_head_slot',
    kind: 'gauge',
    help: 'Slot of the head that a named peer last told',
    labels: { network_id: 'open', client: 'name' },
    meaning: `The client's own claim, which nobody has checked: who lags behind the others. ${WHO}`,
  },
  {
    name: 'leanmesh_peer_finalized_slot',
    kind: 'gauge',
    help: 'Slot of the finalized checkpoint that a named peer last told',
    labels: { network_id: 'open', client: 'name' },
    meaning: `As \`leanmesh_peer_head_slot\`. ${WHO}`,
  },
  {
    name: 'leanmesh_peer_status_age_seconds',
    kind: 'gauge',
    help: 'Age of what a named peer last told of its chain',
    labels: { network_id: 'open', client: 'name' },
    meaning: `It grows while the peer does not answer. A peer that asks the sidecar tells its Status, too. ${WHO}`,
  },
  {
    name: 'leanmesh_finalized_roots',
    kind: 'gauge',
    help: 'Largest number of different finalized roots that named peers tell for one same slot',
    labels: { network_id: 'open' },
    meaning:
      '1 is agreement; more is a fork, or peers of another genesis, or one peer that says something else: claims are not checked. Peers that tell different slots are compared with nobody, so a fork shows when ' +
      'they pass the same one. A zero root, as before the first finalization, does not count. Absent while no root is known.',
  },
  {
    name: 'leanmesh_status_queries_total',
    kind: 'counter',
    help: 'Status requests to named peers, by what became of them',
    labels: {
      network_id: 'open',
      result: ['answered', 'refused', 'invalid', 'unsupported', 'timeout', 'failed'],
    },
    meaning:
      '`refused` is an error code, `invalid` no Status or one with a slot that cannot be, `unsupported` a peer without the protocol, `timeout` no ' +
      'whole answer in 5 s, `failed` a stream that ended. Who does not answer is asked less and less often, up to every 16th time.',
    origin: 'swarm',
  },
] as const satisfies readonly MetricRow[]
