/** What gossipsub knows of one topic beside its mesh. */
export interface GossipTables {
  /** Peers that must not be grafted for now, and until when (milliseconds of the wall clock). */
  backoffs(topic: string): ReadonlyMap<string, number>
  subscribers(topic: string): ReadonlySet<string>
}

const NO_BACKOFFS: ReadonlyMap<string, number> = new Map()
const NO_PEERS: ReadonlySet<string> = new Set()

/**
 * js gossipsub 17.1 keeps its back-offs to itself, and of the subscribers gives a list of its own making at each call.
 *
 * @throws Error when this gossipsub keeps them elsewhere: then this piece has to be looked at again
 */
export function hiddenTables(pubsub: object): GossipTables {
  const backoffs: unknown = Reflect.get(pubsub, 'backoff')
  const topics: unknown = Reflect.get(pubsub, 'topics')
  if (!(backoffs instanceof Map && topics instanceof Map)) throw new Error('this gossipsub keeps its tables elsewhere')
  const backoffsByTopic = backoffs as ReadonlyMap<string, ReadonlyMap<string, number>>
  const subscribersByTopic = topics as ReadonlyMap<string, ReadonlySet<string>>
  return {
    backoffs: (topic) => backoffsByTopic.get(topic) ?? NO_BACKOFFS,
    subscribers: (topic) => subscribersByTopic.get(topic) ?? NO_PEERS,
  }
}
