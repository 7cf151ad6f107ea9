import { DROP_REASONS, RESTART_REASONS } from '../mesh/network-state.ts'
import { TOPIC_KINDS } from '../mesh/topics.ts'
import type { MetricRow } from './metric-row.ts'

/** What is measured of the networks and counted by their swarms. */
export const NETWORK_ROWS = [
  {
    name: 'lean_gossip_mesh_running',
    kind: 'gauge',
    help: '1 while the swarm of the network runs, 0 while it is stopped, starting or restarting',
    labels: { network_id: 'open' },
    meaning: 'Tells "no peer is in the mesh" (1) from "nobody is looking" (0).',
  },
  {
    name: 'leanmesh_mesh_memberships',
    kind: 'gauge',
    help: 'Number of peers in the mesh of one topic',
    labels: { network_id: 'open', topic: 'topic' },
    meaning:
      'A peer that is meshed in three topics counts in three series. `topic` is the full topic string, one of the configured ones. ' +
      'The series end while the network does not run.',
  },
  {
    name: 'leanmesh_connected_peers',
    kind: 'gauge',
    help: 'Number of peers the swarm is connected to',
    labels: { network_id: 'open' },
    meaning: "The observer's own connections, meshed or not. 0 while the network does not run.",
  },
  {
    name: 'leanmesh_snapshot_age_seconds',
    kind: 'gauge',
    help: 'Age of the snapshot that the values of this network come from',
    labels: { network_id: 'open' },
    meaning:
      'Near 0 when the swarm answered this scrape; it grows while the swarm is too busy to answer. Absent without a snapshot.',
  },
  {
    name: 'leanmesh_swarm_restarts_total',
    kind: 'counter',
    help: 'Restarts of the swarm since the sidecar started',
    labels: { network_id: 'open', reason: RESTART_REASONS },
    meaning: 'How often, and why, the observer lost its place in the network and had to join again.',
  },
  {
    name: 'leanmesh_swarm_warnings_total',
    kind: 'counter',
    help: 'Unexpected errors that the swarm survived',
    labels: { network_id: 'open' },
    meaning:
      'Errors that no part of the swarm answers for. It should stay 0; the log has at most one of them a second.',
  },
  {
    name: 'leanmesh_swarm_command_dropped_total',
    kind: 'counter',
    help: 'Commands that did not reach the swarm',
    labels: { network_id: 'open', reason: DROP_REASONS },
    meaning: 'A growing `full` means a swarm that does not keep up; snapshots then get older.',
  },
  {
    name: 'leanmesh_gossip_messages_total',
    kind: 'counter',
    help: 'Gossip messages received, by what became of them',
    labels: {
      network_id: 'open',
      topic_kind: [...TOPIC_KINDS, 'other'],
      result: ['accepted', 'undecodable', 'oversized', 'over_budget', 'unsubscribed'],
    },
    meaning: 'What the observer received and validated; only `accepted` messages are forwarded.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_first_delivery_total',
    kind: 'counter',
    help: 'Accepted gossip messages, by the peer that delivered each of them first',
    labels: { network_id: 'open', client: 'client', topic_kind: TOPIC_KINDS },
    meaning:
      'Who is well connected: the peer from which the observer hears of something before all others. Contents are not verified; where the ' +
      "genesis time is known, what names no slot near the present is nobody's merit.",
    origin: 'swarm',
  },
  {
    name: 'leanmesh_dials_total',
    kind: 'counter',
    help: 'Attempts to connect to a configured peer',
    labels: { network_id: 'open', result: ['success', 'failure'] },
    meaning: 'A growing `failure` with few connected peers points at addresses or firewalls, not at gossip.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_watchdog_reconnects_total',
    kind: 'counter',
    help: 'Connections that the swarm closed and dialled again because the peer did not gossip over them',
    labels: { network_id: 'open', reason: ['stream_lost', 'no_stream', 'no_subscriptions', 'superseded'] },
    meaning: 'Connected peers that took no part in gossip, and why the observer thought so.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_slow_peers_total',
    kind: 'counter',
    help: 'Gossip streams and TCP connections that the swarm gave up because the peer did not read what it was sent',
    labels: { network_id: 'open' },
    meaning:
      'Unsent messages are bounded over all peers; at the limit the peer with the longest backlog loses its stream. A TCP peer that does not read what it asks for itself, as answers to pings, loses its connection.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_identify_failures_total',
    kind: 'counter',
    help: 'Connections on which asking the peer who it is came to nothing',
    labels: { network_id: 'open' },
    meaning:
      'The peer does not speak identify (some clients do not, and gossip all the same), did not answer in time, or said more than may be said.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_inbound_connections_refused_total',
    kind: 'counter',
    help: 'Inbound connections that were refused because of a limit',
    labels: { network_id: 'open', reason: ['total', 'address', 'peer', 'rate'] },
    meaning:
      '`total` is 300 of a network, `address` 150 of one (of IPv6: one /64), `peer` 4 of one peer, `rate` 64 new ones a second of one address, or ' +
      '64 handshakes at a time. A refused one is an `error` in lean_peer_connection_events_total too.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_inbound_streams_refused_total',
    kind: 'counter',
    help: 'Streams of peers that were refused because of a limit',
    labels: { network_id: 'open', reason: ['connection', 'protocol'] },
    meaning:
      '`connection` is 64 of one connection, `protocol` what each protocol allows, as 4 of gossip and 4 of Status.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_status_requests_total',
    kind: 'counter',
    help: 'Status requests from peers',
    labels: { network_id: 'open', result: ['answered', 'invalid'] },
    meaning: "Requests are answered with the peer's own status: an observer has no chain head and claims none.",
    origin: 'swarm',
  },
] as const satisfies readonly MetricRow[]
