import { distinctMeshPeers, peersByName } from '../mesh/counting.ts'
import type { Names } from '../mesh/names.ts'
import { topicMeshes, type NetworkState } from '../mesh/network-state.ts'
import type { PeerIdString, TopicMesh } from '../mesh/snapshot.ts'
import { sample, type Sample } from './sample.ts'

/** Distinct mesh peers, summed over the networks: one series a name, or one without a label when there are no names. */
export function meshPeerSamples(networks: readonly (readonly TopicMesh[])[], names: Names | undefined): Sample[] {
  return peerSamples('lean_gossip_mesh_peers', networks.map(distinctMeshPeers), names)
}

function peerSamples(
  metric: 'lean_gossip_mesh_peers' | 'lean_connected_peers',
  networks: readonly ReadonlySet<PeerIdString>[],
  names: Names | undefined,
): Sample[] {
  if (names === undefined) {
    const sum = networks.reduce((count, peers) => count + peers.size, 0)
    return [sample(metric, {}, sum)]
  }
  return [...peersByName(networks, names)].map(([client, peers]) => sample(metric, { client }, peers))
}

/** Peers in the mesh of each topic of one network. */
export function membershipSamples(networkId: string, topics: Iterable<TopicMesh>): Sample[] {
  return Array.from(topics, ({ topic, mesh }) =>
    sample('leanmesh_mesh_memberships', { network_id: networkId, topic }, mesh.length),
  )
}

/** The peers of every network, in the mesh and connected, and the memberships of the configured topics of those that run. */
export function meshSamples(states: readonly NetworkState[], names: Names | undefined): Sample[] {
  const connected = states.map(({ snapshot }) => new Set(snapshot?.connectedPeers))
  return [
    ...meshPeerSamples(states.map(topicMeshes), names),
    ...peerSamples('lean_connected_peers', connected, names),
    ...states.flatMap(configuredMemberships),
  ]
}

/** Whatever a swarm reports, only configured topics become series: that bounds them. */
function configuredMemberships(state: NetworkState): Sample[] {
  if (state.snapshot === undefined) return []
  const meshes = new Map(state.snapshot.topics.map((mesh) => [mesh.topic, mesh]))
  const configured = state.topics.map((topic) => meshes.get(topic) ?? { topic, mesh: [], subscribers: 0 })
  return membershipSamples(state.networkId, configured)
}
