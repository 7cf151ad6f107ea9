import type { MeshDocument, NetworkDocument, PeerDocument } from './http/mesh-document.ts'
import { distinctMeshPeers } from './mesh/counting.ts'
import type { Names } from './mesh/names.ts'
import { type NetworkState, topicMeshes } from './mesh/network-state.ts'

/** What `/v1/mesh` and the status page show, from the networks' states. */
export function meshDocument(
  states: readonly NetworkState[],
  names: Names | undefined,
  now: { version: string; nowMs: number },
): MeshDocument {
  return {
    version: now.version,
    generatedAt: new Date().toISOString(),
    clientLabels: names !== undefined,
    networks: states.map((state) => networkDocument(state, names, now.nowMs)),
  }
}

function networkDocument(state: NetworkState, names: Names | undefined, nowMs: number): NetworkDocument {
  const { networkId, phase, lastError, snapshot, restarts, droppedCommands } = state
  const peer = (peerId: string): PeerDocument => ({ peerId, name: names?.get(peerId) ?? null })
  const topics = topicMeshes(state).map(({ topic, subscribers, mesh }) => ({
    topic,
    subscribers,
    mesh: mesh.map(peer),
  }))
  return {
    networkId,
    phase,
    ...(lastError !== undefined && { lastError }),
    ...(snapshot && { peerId: snapshot.peerId, snapshotAgeSeconds: (nowMs - snapshot.takenAtMs) / 1000 }),
    listenAddresses: snapshot?.listenAddresses ?? [],
    meshPeers: distinctMeshPeers(topicMeshes(state)).size,
    connectedPeers: (snapshot?.connectedPeers ?? []).map(peer),
    topics: topics.length > 0 ? topics : state.topics.map((topic) => ({ topic, subscribers: 0, mesh: [] })),
    targets: (snapshot?.targets ?? []).map((target) => ({ ...target, ...peer(target.peerId) })),
    restarts,
    droppedCommands,
  }
}
