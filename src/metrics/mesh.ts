import { distinctMeshPeers, meshPeersByName } from '../mesh/counting.ts'
import type { Names } from '../mesh/names.ts'
import { topicMeshes, type NetworkState } from '../mesh/network-state.ts'
import type { TopicMesh } from '../mesh/snapshot.ts'
import { sample, type Sample } from './sample.ts'

/** Distinct mesh peers, summed over the networks: one series a name, or one without a label when there are no names. */
export function meshPeerSamples(networks: readonly (readonly TopicMesh[])[], names: Names | undefined): Sample[] {
  if (names === undefined) {
    const peers = networks.reduce((sum, topics) => sum + distinctMeshPeers(topics).size, 0)
    return [sample('lean_gossip_mesh_peers', {}, peers)]
  }
  return [...meshPeersByName(networks, names)].map(([client, peers]) =>
    sample('lean_gossip_mesh_peers', { client }, peers),
  )
}

/** Peers in the mesh of each topic of one network. */
export function membershipSamples(networkId: string, topics: Iterable<TopicMesh>): Sample[] {
  return Array.from(topics, ({ topic, mesh }) =>
    sample('leanmesh_mesh_memberships', { network_id: networkId, topic }, mesh.length),
  )
}

/** The mesh of every network: the peers, and the memberships of the configured topics of those that run. */
export function meshSamples(states: readonly NetworkState[], names: Names | undefined): Sample[] {
  return [...meshPeerSamples(states.map(topicMeshes), names), ...states.flatMap(configuredMemberships)]
}

/** Whatever a swarm reports, only configured topics become series: that bounds them. */
function configuredMemberships(state: NetworkState): Sample[] {
  if (state.snapshot === undefined) return []
  const meshes = new Map(state.snapshot.topics.map((mesh) => [mesh.topic, mesh]))
  const configured = state.topics.map((topic) => meshes.get(topic) ?? { topic, mesh: [], subscribers: 0 })
  return membershipSamples(state.networkId, configured)
}
