import type { CompanionFacts, Snapshot } from './snapshot.ts'

/** How far the companion gets, from nothing to a place in a mesh. It is in exactly one of them. */
export const COMPANION_STATES = [
  'unreachable',
  'handshake_failed',
  'wrong_peer_id',
  'no_gossipsub',
  'no_common_topic',
  'subscribed',
  'meshed',
  'pruned_backoff',
] as const
export type CompanionState = (typeof COMPANION_STATES)[number]

/** The companion's state, and since when it has been in it, by the host's monotonic clock. */
export interface CompanionStanding {
  state: CompanionState
  sinceMs: number
}

/**
 * What gossip shows goes before what was announced: a peer in one of our meshes is `meshed`, whatever else is said of it.
 * Before the first dial has ended it is `unreachable`, because it has not been reached.
 */
export function companionState(companion: CompanionFacts, { topics, targets }: Snapshot): CompanionState {
  const { peerId, isConnected, speaksGossipsub, backedOffTopics } = companion
  if (topics.some(({ mesh }) => mesh.includes(peerId))) return 'meshed'
  if (!isConnected) return targets.find((target) => target.peerId === peerId)?.failure ?? 'unreachable'
  if (companion.topics.length === 0) return speaksGossipsub === false ? 'no_gossipsub' : 'no_common_topic'
  return companion.topics.some((topic) => backedOffTopics.includes(topic)) ? 'pruned_backoff' : 'subscribed'
}
