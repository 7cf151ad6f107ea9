import type { CompanionFacts, PeerIdString } from '../mesh/snapshot.ts'
import type { GossipLinks } from './gossip-links.ts'
import type { MeshWatch } from './mesh-watch.ts'

export interface CompanionSources {
  connectedPeers: readonly PeerIdString[]
  links: GossipLinks | undefined
  meshWatch: MeshWatch
}

/** What is known of the companion at this moment: of one that is not connected, nothing but that. */
export function companionFacts(peerId: PeerIdString, sources: CompanionSources): CompanionFacts {
  const isConnected = sources.connectedPeers.includes(peerId)
  if (!isConnected) return { peerId, isConnected, topics: [], backedOffTopics: [], forkDigests: [] }
  const speaksGossipsub = sources.links?.speaksMeshsub(peerId)
  return {
    peerId,
    isConnected,
    ...(speaksGossipsub !== undefined && { speaksGossipsub }),
    ...sources.meshWatch.readPeer(peerId),
  }
}
