/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface RpcHandler {
  peers: ReadonlyMap<string, unknown>
  subscriptions: ReadonlySet<string>
  acceptFrom(peerId: string): boolean
  handleReceivedMessage(from: unknown, message: { topic: string }): Promise<void>
}

function isRpcHandler(pubsub: object): pubsub is RpcHandler {
  return (
    Reflect.get(pubsub, 'peers') instanceof Map &&
    Reflect.get(pubsub, 'subscriptions') instanceof Set &&
    typeof Reflect.get(pubsub, 'acceptFrom') === 'function' &&
    typeof Reflect.get(pubsub, 'handleReceivedMessage') === 'function'
  )
}

/**
 * js gossipsub 17.1 and the RPCs that it handles though it should not:
 *
 * - one that was on its way when its sender disconnected: a GRAFT in it puts a peer into the mesh that is gone, and
 *   nothing ever removes it;
 * - messages on topics that we did not join: it decodes, keeps and offers them. (Its `allowedTopics` would also hide
 *   from us that peers subscribe to other topics.)
 *
 * @param onUnsubscribed called for each message on a topic that is not ours
 * @throws Error when this gossipsub handles RPCs elsewhere: then this piece has to be looked at again
 */
export function mendInboundRpcs(pubsub: object, onUnsubscribed: (topic: string) => void): void {
  if (!isRpcHandler(pubsub)) throw new Error('this gossipsub handles RPCs in another way')
  const acceptFrom = pubsub.acceptFrom.bind(pubsub)
  pubsub.acceptFrom = (peerId) => pubsub.peers.has(peerId) && acceptFrom(peerId)
  const handle = pubsub.handleReceivedMessage.bind(pubsub)
  pubsub.handleReceivedMessage = async (from, message) => {
    if (pubsub.subscriptions.has(message.topic)) await handle(from, message)
    else onUnsubscribed(message.topic)
  }
}
