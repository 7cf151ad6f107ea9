import type { MetricRow } from './metric-row.ts'

/** Why the mesh is as it is: who could be had, who comes and goes, and who is on another fork. */
export const MESH_ROWS = [
  {
    name: 'leanmesh_topic_subscribers',
    kind: 'gauge',
    help: 'Number of connected peers that are subscribed to one topic',
    labels: { network_id: 'open', topic: 'topic' },
    meaning: 'Those that told the observer so, in its mesh or not. The series end while the network does not run.',
  },
  {
    name: 'leanmesh_mesh_deficit',
    kind: 'gauge',
    help: 'How many more peers the mesh of one topic wants',
    labels: { network_id: 'open', topic: 'topic' },
    meaning:
      "What the observer's mesh lacks of gossipsub's D_low, which is 6 in the lean network; 0 when it lacks none. In a network of " +
      'fewer peers it never gets to 0. The series end while the network does not run.',
  },
  {
    name: 'leanmesh_mesh_candidates',
    kind: 'gauge',
    help: 'Number of connected peers that the mesh of one topic could take in now',
    labels: { network_id: 'open', topic: 'topic' },
    meaning:
      'Subscribed, not in the mesh, and not backed off. With a deficit and no candidates the network has no more to give; ' +
      'with both for longer than a few heartbeats, theirs are full. The series end while the network does not run.',
  },
  {
    name: 'leanmesh_mesh_backoffs',
    kind: 'gauge',
    help: 'Number of peers that must not be taken into the mesh of one topic for now',
    labels: { network_id: 'open', topic: 'topic' },
    meaning:
      'After a PRUNE, from either side, for a minute by default. It counts peers that have left since. ' +
      'The series end while the network does not run.',
  },
  {
    name: 'leanmesh_mesh_grafts_total',
    kind: 'counter',
    help: 'Peers that entered the mesh of one topic',
    labels: { network_id: 'open', topic: 'topic', reason: ['by_peer', 'by_us'] },
    meaning:
      'Told by comparing the mesh with what it was; a GRAFT that was refused counts nowhere. `by_peer`: it sent the GRAFT.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_mesh_prunes_total',
    kind: 'counter',
    help: 'Peers that left the mesh of one topic',
    labels: {
      network_id: 'open',
      topic: 'topic',
      reason: ['by_peer', 'by_us', 'disconnected', 'unsubscribed'],
    },
    meaning:
      '`by_peer` and `by_us`: who sent the PRUNE, while the peer stayed subscribed; a mesh that was too full. `unsubscribed`: it left ' +
      'the topic. `disconnected`: it left altogether, or its gossip stream ended. Counted up to 1.3 s late.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_foreign_fork_digest_peers',
    kind: 'gauge',
    help: 'Number of connected peers that are subscribed to lean topics under another fork digest',
    labels: { network_id: 'open' },
    meaning:
      'They, or the observer, have the wrong one: nobody is told of it in gossip. Which digests they are is in `/v1/mesh` and on the ' +
      'status page. A peer that is on both forks counts. 0 while the network does not run.',
  },
  {
    name: 'leanmesh_ignored_subscriptions_total',
    kind: 'counter',
    help: 'Subscriptions that peers announced to topics that the swarm has not joined',
    labels: { network_id: 'open', kind: ['foreign_digest', 'other_lean', 'not_lean'] },
    meaning:
      'Each announcement counts. `foreign_digest`: a lean topic of another fork; `other_lean`: one of our fork that the settings do not name, ' +
      'as another subnet; `not_lean`: anything else. Of these only the digests of the first are kept, a few for each peer.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_peer_mesh_seconds',
    kind: 'gauge',
    help: 'How long the named peer has been in the mesh without a break',
    labels: { network_id: 'open', client: 'name' },
    meaning:
      "In the observer's mesh of any topic; 0 when it is in none. Only with a names table. The series end while the network does not run.",
  },
  {
    name: 'leanmesh_expected_peer_up',
    kind: 'gauge',
    help: '1 while the named peer is connected to the observer in any network, else 0',
    labels: { client: 'name' },
    meaning:
      'One series for each name of the names table, and none without one. A 0 means that the observer has no connection to it: the peer may ' +
      'be down, or not reachable from here. `/v1/mesh` tells those that were never seen.',
  },
] as const satisfies readonly MetricRow[]
