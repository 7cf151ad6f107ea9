/** What the watchdog sees of the gossip link to one connected peer. */
export interface GossipLink {
  /** Milliseconds since the oldest open connection to it opened. */
  connectedForMs: number
  /** Milliseconds since the gossip stream to it was first seen open; undefined while there is none. */
  streamForMs?: number
  /** Whether identify named a meshsub protocol; undefined when identify has not completed. */
  speaksMeshsub?: boolean
  /** Whether it announced a subscription, to any topic, on this link. */
  subscribed: boolean
  /** gossipsub dropped it while it stayed connected: its stream broke, or sent what cannot be read (an RPC over the limit). */
  dropped: boolean
  /** How often gossipsub was told of it on this link. */
  nudges: number
}

export type LinkFinding =
  | 'healthy'
  /** Too early to tell, or a peer that does not gossip: nothing to do. */
  | 'wait'
  /** gossipsub has to be told of the peer: it opens the stream. */
  | 'nudge'
  /** Hang up and dial again. */
  | 'stream_lost'
  | 'no_stream'
  | 'no_subscriptions'

export interface LinkPolicy {
  /** How long identify may take before gossipsub is told of the peer without it, in milliseconds. */
  nudgeAfterMs: number
  maxNudges: number
  /** How long a peer may have a gossip stream and no subscription, in milliseconds. */
  subscribeWithinMs: number
}

/**
 * What is wrong with a gossip link. A peer without identify is never told to gossipsub by libp2p; one that came back fast
 * with the same key may stay connected without subscriptions for ever.
 */
export function diagnoseLink(link: GossipLink, policy: LinkPolicy): LinkFinding {
  if (link.speaksMeshsub === false) return 'wait'
  if (link.dropped) return 'stream_lost'
  if (link.streamForMs === undefined) {
    // Each nudge gets as long as the first: opening a stream takes a round trip or more.
    if (link.connectedForMs < policy.nudgeAfterMs * (link.nudges + 1)) return 'wait'
    if (link.nudges < policy.maxNudges) return 'nudge'
    return link.speaksMeshsub ? 'no_stream' : 'wait'
  }
  if (link.subscribed) return 'healthy'
  return link.streamForMs < policy.subscribeWithinMs ? 'wait' : 'no_subscriptions'
}
