import type { PeerId } from '@libp2p/interface'

export interface SubscriptionObserver {
  /** A peer announced that it joined, or left, a topic that is not ours. */
  onForeignSubscription(peerId: string, topic: string, subscribe: boolean): void
  /** gossipsub forgot the peer: nothing that it announced holds any more, and it is in no mesh. */
  onPeerGone(peerId: string): void
}

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface SubscriptionTables {
  mesh: ReadonlyMap<string, Set<string>>
  handleReceivedSubscription(from: PeerId, topic: string, subscribe: boolean): boolean
  removePeer(peer: PeerId): void
}

function hasTables(pubsub: object): pubsub is SubscriptionTables {
  return (
    Reflect.get(pubsub, 'mesh') instanceof Map &&
    typeof Reflect.get(pubsub, 'handleReceivedSubscription') === 'function' &&
    typeof Reflect.get(pubsub, 'removePeer') === 'function'
  )
}

/**
 * js gossipsub 17.1 and what peers announce:
 *
 * - it keeps every topic of every peer, up to 1 MiB a peer, and at that limit it ignores subscriptions to ours;
 * - a peer that says that it left a topic, but sends no PRUNE, stays in its mesh until it disconnects.
 *
 * @param topics ours: the others go to `observer` and nowhere else
 * @throws Error when this gossipsub keeps subscriptions elsewhere: then this piece has to be looked at again
 */
export function mendSubscriptions(pubsub: object, topics: ReadonlySet<string>, observer: SubscriptionObserver): void {
  if (!hasTables(pubsub)) throw new Error('this gossipsub keeps subscriptions in another way')
  const handle = pubsub.handleReceivedSubscription.bind(pubsub)
  pubsub.handleReceivedSubscription = (from, topic, subscribe) => {
    if (topics.has(topic)) {
      if (!subscribe) pubsub.mesh.get(topic)?.delete(from.toString())
      return handle(from, topic, subscribe)
    }
    observer.onForeignSubscription(from.toString(), topic, subscribe)
    // What is taken counts as a sign of life: a peer may gossip on other forks only.
    return true
  }
  const remove = pubsub.removePeer.bind(pubsub)
  pubsub.removePeer = (peer) => {
    remove(peer)
    observer.onPeerGone(peer.toString())
  }
}
