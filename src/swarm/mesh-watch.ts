import type { GossipSub } from '@libp2p/gossipsub'
import { monotonicMs } from '../lifecycle/clock.ts'
import { createChurn } from '../measure/churn.ts'
import { createForeignForks } from '../measure/foreign-forks.ts'
import type { Totals } from '../measure/totals.ts'
import type { CompanionFacts, PeerIdString, Snapshot, TopicSupply } from '../mesh/snapshot.ts'
import { type GossipTables, hiddenTables } from './mend-hidden-tables.ts'
import type { SubscriptionObserver } from './mend-subscriptions.ts'
import type { MeshView } from './mesh-recorder.ts'

type Gossip = GossipSub & MeshView

export interface MeshWatch extends SubscriptionObserver {
  /** Before the node starts. */
  attach(pubsub: Gossip): void
  /** To be called for each snapshot: what changed since the last one is counted now. */
  read(): Pick<Snapshot, 'topicSupply' | 'meshedSinceMs' | 'foreignForks'>
  /** What one peer announced, and where it must not be grafted for now. */
  readPeer(peer: PeerIdString): Pick<CompanionFacts, 'topics' | 'backedOffTopics' | 'forkDigests'>
}

/** Watches why the meshes of the configured topics are as they are: who comes and goes, who could be had, who is elsewhere. */
export function createMeshWatch(topics: readonly string[], totals: Totals): MeshWatch {
  let gossip: Gossip | undefined
  let tables: GossipTables | undefined
  const forks = createForeignForks(topics, totals)
  const churn = createChurn(topics, totals, {
    meshPeers: (topic) => gossip?.getMeshPeers(topic) ?? [],
    isLinked: (peer) => gossip?.getPeers().some((linked) => linked.toString() === peer) ?? false,
    isSubscribed: (peer, topic) => tables?.subscribers(topic).has(peer) ?? false,
    nowMs: monotonicMs,
  })
  return {
    onForeignSubscription: (peer, topic, subscribe) => forks.onSubscription(peer, topic, subscribe),
    onPeerGone(peer) {
      forks.forget(peer)
      churn.onGone(peer)
    },
    attach(pubsub) {
      gossip = pubsub
      tables = hiddenTables(pubsub)
      for (const type of ['gossipsub:graft', 'gossipsub:prune'] as const) {
        pubsub.addEventListener(type, ({ detail: { topic, peerId, direction } }) =>
          churn.onEvent(topic, peerId, direction === 'inbound' ? 'by_peer' : 'by_us'),
        )
      }
    },
    read() {
      churn.compare()
      return {
        topicSupply: gossip && tables ? supplies(topics, gossip, tables) : [],
        meshedSinceMs: churn.meshedSinceMs(),
        foreignForks: forks.read(),
      }
    },
    readPeer(peer) {
      const nowMs = Date.now()
      return {
        topics: topics.filter((topic) => tables?.subscribers(topic).has(peer)),
        backedOffTopics: topics.filter((topic) => (tables?.backoffs(topic).get(peer) ?? 0) > nowMs),
        forkDigests: forks.digestsOf(peer),
      }
    },
  }
}

function supplies(topics: readonly string[], gossip: Gossip, tables: GossipTables): TopicSupply[] {
  const nowMs = Date.now()
  return topics.map((topic) => {
    const backoffs = tables.backoffs(topic)
    const subscribers = tables.subscribers(topic)
    const taken = new Set([...gossip.getMeshPeers(topic), ...backoffs.keys()])
    return {
      topic,
      candidates: subscribers.size - [...taken].filter((peer) => subscribers.has(peer)).length,
      // gossipsub keeps each for some seconds after it ended.
      backoffs: [...backoffs.values()].filter((until) => until > nowMs).length,
    }
  })
}
