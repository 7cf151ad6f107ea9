import type {
  ClockDocument,
  CompanionDocument,
  ConnectedPeerDocument,
  HeadDocument,
  MeshDocument,
  NetworkDocument,
  PeerDocument,
  TopicDocument,
} from './verdict/mesh-document.ts'
import { type ClockStanding, clockSentence } from './mesh/clock-standing.ts'
import { companionEvidence, companionSentence } from './mesh/companion-sentence.ts'
import { distinctMeshPeers } from './mesh/counting.ts'
import { meshDeficit } from './mesh/gossip-degree.ts'
import type { Names } from './mesh/names.ts'
import { messageAgesSeconds, type NetworkState, snapshotAgeSeconds, topicMeshes } from './mesh/network-state.ts'
import { namedHeads } from './mesh/peer-head.ts'
import type { Snapshot } from './mesh/snapshot.ts'
import { slotAt } from './mesh/slot-clock.ts'
import { leanTopicParts } from './mesh/topics.ts'
import type { RefresherStatus } from './metrics/refreshers.ts'

export interface MeshFacts {
  version: string
  /** The host's monotonic clock. */
  nowMs: number
  names: Names | undefined
  /** The peer ids of the companions, by network. */
  companions: ReadonlyMap<string, string>
  /** When slot 0 began, in seconds since the Unix epoch, of each network of which it is known. */
  genesisTimes: ReadonlyMap<string, number>
  refreshers: readonly RefresherStatus[]
}

/** What the settings say of each network. */
export function settingsFacts(
  networks: readonly { networkId: string; swarm: { companion?: string; genesisTimeSeconds?: number } }[],
): Pick<MeshFacts, 'companions' | 'genesisTimes'> {
  return {
    companions: new Map(
      networks.flatMap(({ networkId, swarm: { companion } }) => (companion ? [[networkId, companion]] : [])),
    ),
    genesisTimes: new Map(
      networks.flatMap(({ networkId, swarm: { genesisTimeSeconds: time } }) =>
        time === undefined ? [] : [[networkId, time]],
      ),
    ),
  }
}

/** What `/v1/mesh` and the status page show, from the networks' states. */
export function meshDocument(states: readonly NetworkState[], facts: MeshFacts): MeshDocument {
  const failing = facts.refreshers.flatMap(({ name, error }) => (error === undefined ? [] : { name, error }))
  return {
    version: facts.version,
    generatedAt: new Date().toISOString(),
    clientLabels: facts.names !== undefined,
    networks: states.map((state) => networkDocument(state, facts)),
    neverSeen: neverSeen(states, facts.names),
    ...(failing.length > 0 && { refreshers: failing }),
  }
}

function networkDocument(state: NetworkState, facts: MeshFacts): NetworkDocument {
  const { names, nowMs, companions } = facts
  const { networkId, phase, lastError, snapshot, restarts, droppedCommands } = state
  const peer = (peerId: string): PeerDocument => ({ peerId, name: names?.get(peerId) ?? null })
  const forkDigest = leanTopicParts(state.topics[0] ?? '')?.forkDigest
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
    connectedPeers: connectedDocuments(snapshot, peer),
    ...(forkDigest !== undefined && { forkDigest }),
    foreignForks: snapshot?.foreignForks ?? { peers: 0, digests: [] },
    topics: topicDocuments(state, peer),
    targets: (snapshot?.targets ?? []).map((target) => ({ ...target, ...peer(target.peerId) })),
    ...currentSlot(facts.genesisTimes.get(networkId)),
    heads: headDocuments(state, facts),
    ...(companion !== undefined && { companion: companionDocument(peer(companion), state, nowMs) }),
    restarts,
    droppedCommands,
  }
}

function connectedDocuments(
  snapshot: Snapshot | undefined,
  peer: (peerId: string) => PeerDocument,
): ConnectedPeerDocument[] {
  const agents = new Map(snapshot?.agents)
  return (snapshot?.connectedPeers ?? []).map((peerId) => {
    const agent = agents.get(peerId)
    return { ...peer(peerId), ...(agent !== undefined && { agent }) }
  })
}

/** Every configured topic, also while the network does not run. */
function topicDocuments(state: NetworkState, peer: (peerId: string) => PeerDocument): TopicDocument[] {
  const meshes = new Map(topicMeshes(state).map((mesh) => [mesh.topic, mesh]))
  const supplies = new Map(state.snapshot?.topicSupply.map((supply) => [supply.topic, supply]))
  return state.topics.map((topic) => {
    const { mesh = [], subscribers = 0 } = meshes.get(topic) ?? {}
    const { candidates = 0, backoffs = 0 } = supplies.get(topic) ?? {}
    return { topic, subscribers, mesh: mesh.map(peer), deficit: meshDeficit(mesh.length), candidates, backoffs }
  })
}

function neverSeen(states: readonly NetworkState[], names: Names | undefined): string[] {
  const unseen = [...(names ?? [])].filter(([peer]) => states.every(({ seenPeers }) => !seenPeers.has(peer)))
  return unseen.map(([, name]) => name).sort()
}

function currentSlot(genesisTimeSeconds: number | undefined): { currentSlot?: number } {
  const slot = genesisTimeSeconds === undefined ? -1 : slotAt(Date.now(), genesisTimeSeconds)
  return slot < 0 ? {} : { currentSlot: slot }
}

function headDocuments({ snapshot }: NetworkState, { names, nowMs }: MeshFacts): HeadDocument[] {
  return namedHeads(snapshot?.heads ?? [], names).map(({ client, head: { peerId, atMs, ...head } }) => ({
    peerId,
    name: client,
    ...head,
    ageSeconds: Math.max(0, nowMs - atMs) / 1000,
  }))
}

function companionDocument(peer: PeerDocument, state: NetworkState, nowMs: number): CompanionDocument {
  const { snapshot, companion: standing, topics } = state
  const subject = `companion ${peer.name ?? peer.peerId}`
  if (!snapshot?.companion || !standing) {
    return { ...peer, phase: 'unknown', sentence: `${subject}: unknown while the network does not run` }
  }
  const phase = snapshot.targets.find(({ peerId }) => peerId === peer.peerId)?.phase ?? 'unknown'
  const evidence = companionEvidence(snapshot.companion, snapshot)
  return {
    ...peer,
    phase,
    ...(evidence.lastError !== undefined && { lastError: evidence.lastError }),
    state: standing.state,
    sinceSeconds: Math.max(0, nowMs - standing.sinceMs) / 1000,
    evidence,
    sentence: `${subject}: ${companionSentence(standing.state, evidence, topics)}`,
  }
}

function clockDocument(standing: ClockStanding): ClockDocument {
  const sentence = clockSentence(standing)
  return sentence === undefined ? standing : { ...standing, sentence }
}
