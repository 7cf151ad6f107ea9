import type { CompanionState } from './companion-state.ts'
import type { CompanionFacts, Snapshot } from './snapshot.ts'
import { leanTopicParts } from './topics.ts'

/** What a companion's state rests on. */
export interface CompanionEvidence {
  /** Failed attempts to connect since the last success. */
  failures: number
  /** Why the last attempt failed; absent after a success. */
  lastError?: string
  /** Absent while it is not known. */
  speaksGossipsub?: boolean
  /** Those of our topics that it subscribes to. */
  topics: string[]
  /** Those in whose mesh it is. */
  meshTopics: string[]
  /** Those in which a prune forbids to graft it for now. */
  backedOffTopics: string[]
  /** Of the lean topics of other forks that it subscribes to. */
  forkDigests: string[]
}

export function companionEvidence(companion: CompanionFacts, { topics, targets }: Snapshot): CompanionEvidence {
  const { peerId, speaksGossipsub, backedOffTopics, forkDigests } = companion
  const { failures = 0, lastError } = targets.find((target) => target.peerId === peerId) ?? {}
  return {
    failures,
    ...(lastError !== undefined && { lastError }),
    ...(speaksGossipsub !== undefined && { speaksGossipsub }),
    topics: companion.topics,
    meshTopics: topics.filter(({ mesh }) => mesh.includes(peerId)).map(({ topic }) => topic),
    backedOffTopics,
    forkDigests,
  }
}

/**
 * How the companion takes part, and what to do where it does not.
 *
 * @param ownTopics every topic that the network is configured to join
 */
export function companionSentence(
  state: CompanionState,
  evidence: CompanionEvidence,
  ownTopics: readonly string[],
): string {
  const { lastError, topics, meshTopics, backedOffTopics } = evidence
  const of = (some: readonly string[]) =>
    `${some.length} of ${ownTopics.length} topic${ownTopics.length === 1 ? '' : 's'}`
  const because = lastError === undefined ? '' : `: ${lastError}`
  switch (state) {
    case 'unreachable':
      return lastError === undefined
        ? 'not connected: still dialling'
        : `not connected${because}; check that it runs, that its address and port are right (--companion), and that no firewall is between`
    case 'handshake_failed':
      return `something answers at its address, but no connection lasts${because}; check that the port is its libp2p port, and that it has room for another peer`
    case 'wrong_peer_id':
      return `another peer is at its address${because}; its key is a new one, or the address is another node's: correct --companion and the names file`
    case 'no_gossipsub':
      return "connected, but it does not speak gossipsub (meshsub 1.1 or 1.2); check that the address is the consensus client's, and that its gossip is on"
    case 'no_common_topic':
      return noCommonTopic(evidence, ownTopics)
    case 'subscribed':
      return `subscribes to ${of(topics)}, and is in no mesh; a mesh forms within a few heartbeats: if none does, its meshes are full, or ours are (leanmesh_mesh_deficit is 0)`
    case 'meshed':
      return `in the mesh of ${of(meshTopics)}`
    case 'pruned_backoff':
      return `subscribes to ${of(topics)}, and a prune forbids to graft it for now in ${backedOffTopics.length} of them; it is tried again by itself: if this comes back, its meshes are full, so allow it more mesh peers`
  }
}

function noCommonTopic({ forkDigests }: CompanionEvidence, ownTopics: readonly string[]): string {
  const own = leanTopicParts(ownTopics[0] ?? '')?.forkDigest ?? 'none'
  return forkDigests.length > 0
    ? `connected, but it is on fork digest ${forkDigests.join(', ')}, and this network is configured for ${own}; give both the same one (--fork-digest)`
    : 'connected, but it subscribes to none of our topics; check the fork digest (--fork-digest) and the topics (--topics), and that the client has started its gossip'
}
