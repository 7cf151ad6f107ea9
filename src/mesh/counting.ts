import { UNKNOWN_NAME, type Names } from './names.ts'
import type { PeerIdString, TopicMesh } from './snapshot.ts'

/** Distinct peers over all topic meshes: a peer meshed in three topics counts once (leanMetrics, and rust-libp2p's `all_mesh_peers`). */
export function distinctMeshPeers(topics: Iterable<TopicMesh>): Set<PeerIdString> {
  const peers = new Set<PeerIdString>()
  for (const topic of topics) for (const peer of topic.mesh) peers.add(peer)
  return peers
}

/**
 * Peers by name: every name of the table, with an explicit 0 when none of its peers is there, and `unknown`. The values
 * add up to the number of distinct peers of each network, summed over the networks.
 *
 * @param networks the peers of each network, each once
 */
export function peersByName(networks: Iterable<ReadonlySet<PeerIdString>>, names: Names): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names.values()) counts.set(name, 0)
  counts.set(UNKNOWN_NAME, 0)
  for (const peers of networks) {
    for (const peer of peers) {
      const name = names.get(peer) ?? UNKNOWN_NAME
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return counts
}
