import type {
  ClockDocument,
  CompanionDocument,
  MeshDocument,
  NetworkDocument,
  PeerDocument,
} from './http/mesh-document.ts'
import { type ClockStanding, clockSentence } from './mesh/clock-standing.ts'
import { distinctMeshPeers } from './mesh/counting.ts'
import type { Names } from './mesh/names.ts'
import { messageAgesSeconds, type NetworkState, snapshotAgeSeconds, topicMeshes } from './mesh/network-state.ts'
import type { RefresherStatus } from './metrics/refreshers.ts'

export interface MeshFacts {
  version: string
  /** The host's monotonic clock. */
  nowMs: number
  names: Names | undefined
  /** The peer ids of the companions, by network. */
  companions: ReadonlyMap<string, string>
  refreshers: readonly RefresherStatus[]
}

/** What `/v1/mesh` and the status page show, from the networks' states. */
export function meshDocument(states: readonly NetworkState[], facts: MeshFacts): MeshDocument {
  const failing = facts.refreshers.flatMap(({ name, error }) => (error === undefined ? [] : { name, error }))
  return {
    version: facts.version,
    generatedAt: new Date().toISOString(),
    clientLabels: facts.names !== undefined,
    networks: states.map((state) => networkDocument(state, facts)),
    ...(failing.length > 0 && { refreshers: failing }),
  }
}

function networkDocument(state: NetworkState, { names, nowMs, companions }: MeshFacts): NetworkDocument {
  const { networkId, phase, lastError, snapshot, restarts, droppedCommands } = state
  const peer = (peerId: string): PeerDocument => ({ peerId, name: names?.get(peerId) ?? null })
  const topics = topicMeshes(state).map(({ topic, subscribers, mesh }) => ({
    topic,
    subscribers,
    mesh: mesh.map(peer),
  }))
  const age = snapshotAgeSeconds(state, nowMs)
  const companion = companions.get(networkId)
  return {
    networkId,
    phase,
    ...(lastError !== undefined && { lastError }),
    ...(snapshot && { peerId: snapshot.peerId }),
    ...(age !== undefined && { snapshotAgeSeconds: age }),
    listenAddresses: snapshot?.listenAddresses ?? [],
    meshPeers: distinctMeshPeers(topicMeshes(state)).size,
    lastMessageAgeSeconds: Object.fromEntries(messageAgesSeconds(state, nowMs)),
    ...(snapshot && { clock: clockDocument(snapshot.messages.clock) }),
    connectedPeers: (snapshot?.connectedPeers ?? []).map(peer),
    topics: topics.length > 0 ? topics : state.topics.map((topic) => ({ topic, subscribers: 0, mesh: [] })),
    targets: (snapshot?.targets ?? []).map((target) => ({ ...target, ...peer(target.peerId) })),
    ...(companion !== undefined && { companion: { ...peer(companion), ...standingWith(companion, state) } }),
    restarts,
    droppedCommands,
  }
}

function standingWith(peerId: string, { snapshot }: NetworkState): Pick<CompanionDocument, 'phase' | 'lastError'> {
  const target = snapshot?.targets.find((candidate) => candidate.peerId === peerId)
  if (!target) return { phase: 'unknown' }
  const { phase, lastError } = target
  return lastError === undefined ? { phase } : { phase, lastError }
}

function clockDocument(standing: ClockStanding): ClockDocument {
  const sentence = clockSentence(standing)
  return sentence === undefined ? standing : { ...standing, sentence }
}
