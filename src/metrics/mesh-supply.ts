import { meshDeficit } from '../mesh/gossip-degree.ts'
import type { Names } from '../mesh/names.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import type { Snapshot } from '../mesh/snapshot.ts'
import { sample, type Sample } from './sample.ts'

/** Why the meshes are as they are. */
export function meshSupplySamples(states: readonly NetworkState[], names: Names | undefined): Sample[] {
  return [
    ...states.flatMap((state) => [
      ...(state.snapshot ? topicSamples(state, state.snapshot) : []),
      ...(state.snapshot && names ? meshTimes(state.networkId, state.snapshot, names) : []),
      sample(
        'leanmesh_foreign_fork_digest_peers',
        { network_id: state.networkId },
        state.snapshot?.foreignForks.peers ?? 0,
      ),
    ]),
    ...(names ? expectedPeers(states, names) : []),
  ]
}

/** Whatever a swarm reports, only configured topics become series. */
function topicSamples({ networkId: network_id, topics }: NetworkState, snapshot: Snapshot): Sample[] {
  const meshes = new Map(snapshot.topics.map((mesh) => [mesh.topic, mesh]))
  const supplies = new Map(snapshot.topicSupply.map((supply) => [supply.topic, supply]))
  return topics.flatMap((topic) => {
    const labels = { network_id, topic }
    const supply = supplies.get(topic)
    return [
      sample('leanmesh_topic_subscribers', labels, meshes.get(topic)?.subscribers ?? 0),
      sample('leanmesh_mesh_deficit', labels, meshDeficit(meshes.get(topic)?.mesh.length ?? 0)),
      sample('leanmesh_mesh_candidates', labels, supply?.candidates ?? 0),
      sample('leanmesh_mesh_backoffs', labels, supply?.backoffs ?? 0),
    ]
  })
}

function meshTimes(network_id: string, { takenAtMs, meshedSinceMs }: Snapshot, names: Names): Sample[] {
  const since = new Map(meshedSinceMs)
  return Array.from(names, ([peer, client]) => {
    const seconds = Math.max(0, takenAtMs - (since.get(peer) ?? takenAtMs)) / 1000
    return sample('leanmesh_peer_mesh_seconds', { network_id, client }, seconds)
  })
}

function expectedPeers(states: readonly NetworkState[], names: Names): Sample[] {
  const connected = new Set(states.flatMap(({ snapshot }) => snapshot?.connectedPeers ?? []))
  return Array.from(names, ([peer, client]) =>
    sample('leanmesh_expected_peer_up', { client }, connected.has(peer) ? 1 : 0),
  )
}
