/** Longer than any that a lean client asks for, which is 60 s. */
const MAX_BACK_OFF_MS = 10 * 60_000

/** Of one topic: as many as the swarm may have connections. */
const MAX_BACK_OFFS = 300

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface BackOffTable {
  backoff: ReadonlyMap<string, Map<string, number>>
  doAddBackoff(peerId: string, topic: string, intervalMs: number): void
}

function isBackOffTable(pubsub: object): pubsub is BackOffTable {
  return Reflect.get(pubsub, 'backoff') instanceof Map && typeof Reflect.get(pubsub, 'doAddBackoff') === 'function'
}

/**
 * js gossipsub 17.1 keeps a back-off for as long as the peer asked in its PRUNE, and keeps it when the peer has left: a few
 * years from each of many identities are never forgotten. Here the oldest one goes when there are too many.
 *
 * @throws Error when this gossipsub keeps back-offs elsewhere: then this piece has to be looked at again
 */
export function mendBackOffs(pubsub: object): void {
  if (!isBackOffTable(pubsub)) throw new Error('this gossipsub keeps back-offs in another way')
  const add = pubsub.doAddBackoff.bind(pubsub)
  pubsub.doAddBackoff = (peerId, topic, intervalMs) => {
    const table = pubsub.backoff.get(topic)
    const [oldest] = table?.keys() ?? []
    if (table && table.size >= MAX_BACK_OFFS && !table.has(peerId) && oldest !== undefined) table.delete(oldest)
    add(peerId, topic, Math.min(intervalMs, MAX_BACK_OFF_MS))
  }
}
