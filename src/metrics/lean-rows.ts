import { AGGREGATION_POSITIONS, POSITIONS } from '../mesh/arrival.ts'
import { ARRIVAL_BUCKETS, SIZE_BUCKETS } from '../mesh/lean-buckets.ts'
import type { MetricRow } from './metric-row.ts'

const SIZE_MEANING =
  'The bytes on the wire, compressed, of each message that is new to the observer and that it accepts. Copies are not counted.'
const DELAY_MEANING =
  'From the first copy that reaches the observer, against the slot that the message itself names, without sign: the counter ' +
  "beside it says early from late. Needs the genesis time, and stands still while the host's clock disagrees with the network. " +
  'In a flood a message waits up to 20 ms before it is read from QUIC, which is in it.'
const POSITION_MEANING =
  'Each message of the histogram once: `inside` the 800 ms of the interval, `before` it or `after` it. What the observer ' +
  'accepted and did not measure is in `leanmesh_untimed_messages_total`.'

/** The network metrics of the leanMetrics specification, by its names, help texts, labels and buckets. */
export const LEAN_ROWS = [
  {
    name: 'lean_gossip_mesh_peers',
    kind: 'gauge',
    help: 'Number of peers in the gossipsub mesh',
    labels: { client: 'optional' },
    meaning:
      "Distinct peers in the observer's own mesh, over all topics, summed over the networks; not the client's own count. " +
      'With a names table one series a name, 0 for a name that is not in the mesh, and `unknown`; without one a single unlabelled series.',
  },
  {
    name: 'lean_connected_peers',
    kind: 'gauge',
    help: 'Number of connected peers',
    labels: { client: 'optional' },
    meaning:
      "Distinct peers that the observer itself is connected to, meshed or not, summed over the networks; not the client's own. " +
      'With a names table one series a name and `unknown`; without one a single unlabelled series.',
  },
  {
    name: 'lean_peer_connection_events_total',
    kind: 'counter',
    help: 'Total number of peer connection events',
    labels: { direction: ['inbound', 'outbound'], result: ['success', 'timeout', 'error'] },
    meaning:
      "The observer's own connections. `success`: a peer's first connection; more of the same peer do not count. Outbound failures are those of " +
      'its dials to configured peers. Inbound failures are those of TCP, after 5 s of silence or at once: QUIC hides from the observer whom ' +
      'it turned away.',
    origin: 'swarm',
  },
  {
    name: 'lean_peer_disconnection_events_total',
    kind: 'counter',
    help: 'Total number of peer disconnection events',
    labels: { direction: ['inbound', 'outbound'], reason: ['timeout', 'remote_close', 'local_close', 'error'] },
    meaning:
      "The end of a peer's last connection to the observer, and the direction of that one. `timeout`: silence, as of a peer that was killed; " +
      '`local_close`: the observer hung up; `error`: the connection broke. Over TCP, which no lean client uses, a peer that is killed is ' +
      'a `remote_close` as well: its kernel says goodbye for it.',
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_block_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip block message',
    labels: {},
    buckets: SIZE_BUCKETS.block,
    meaning: SIZE_MEANING,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_attestation_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip attestation message',
    labels: {},
    buckets: SIZE_BUCKETS.attestation,
    meaning: `${SIZE_MEANING} Only of the subnets that the observer joins.`,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_aggregation_size_bytes',
    kind: 'histogram',
    help: 'Bytes size of a gossip aggregated attestation message',
    labels: {},
    buckets: SIZE_BUCKETS.aggregation,
    meaning: SIZE_MEANING,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_block_arrival_delay_seconds',
    kind: 'histogram',
    help: "Absolute delay between a gossip block's arrival and the start of the interval it was due in",
    labels: {},
    buckets: ARRIVAL_BUCKETS,
    meaning: `${DELAY_MEANING} A block is due in interval 0 of its slot.`,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_attestation_arrival_delay_seconds',
    kind: 'histogram',
    help: "Absolute delay between a gossip attestation's arrival and the start of the interval it was due in",
    labels: {},
    buckets: ARRIVAL_BUCKETS,
    meaning: `${DELAY_MEANING} An attestation is due in interval 1 of its slot.`,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_aggregation_arrival_delay_seconds',
    kind: 'histogram',
    help: "Absolute delay between a gossip aggregate's arrival and the most recent aggregation-interval boundary at or before it",
    labels: {},
    buckets: ARRIVAL_BUCKETS,
    meaning:
      'From the first copy that reaches the observer. Measured from the latest interval 2 and not from the slot in the message, ' +
      'because an aggregate may catch up on an older slot. Needs the genesis time.',
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_block_arrival_total',
    kind: 'counter',
    help: 'Gossip blocks by arrival position relative to the interval they were due in',
    labels: { position: POSITIONS },
    meaning: POSITION_MEANING,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_attestation_arrival_total',
    kind: 'counter',
    help: 'Gossip attestations by arrival position relative to the interval they were due in',
    labels: { position: POSITIONS },
    meaning: `${POSITION_MEANING} Only of the subnets that the observer joins.`,
    origin: 'swarm',
  },
  {
    name: 'lean_gossip_aggregation_arrival_total',
    kind: 'counter',
    help: 'Aggregates by arrival position relative to the most recent aggregation-interval boundary',
    labels: { position: AGGREGATION_POSITIONS },
    meaning: `${POSITION_MEANING} There is no \`before\`: nothing comes before a boundary that has passed.`,
    origin: 'swarm',
  },
] as const satisfies readonly MetricRow[]
