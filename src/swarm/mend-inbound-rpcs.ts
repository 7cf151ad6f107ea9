/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface RpcHandler {
  peers: ReadonlyMap<string, unknown>
  subscriptions: ReadonlySet<string>
  acceptFrom(peerId: string): boolean
  handleReceivedMessage(from: unknown, message: Message): Promise<void>
  validateReceivedMessage(from: unknown, message: Message): Promise<{ code: string }>
}

interface Message {
  topic: string
  data?: Uint8Array
}

/** Told of what gossipsub itself tells nobody. */
export interface InboundObserver {
  /** A message came on a topic that we did not join. It was ignored. */
  onUnsubscribedMessage(topic: string): void
  /** A copy came of a message that was seen before. */
  onDuplicateMessage(topic: string): void
}

function isRpcHandler(pubsub: object): pubsub is RpcHandler {
  return (
    Reflect.get(pubsub, 'peers') instanceof Map &&
    Reflect.get(pubsub, 'subscriptions') instanceof Set &&
    typeof Reflect.get(pubsub, 'acceptFrom') === 'function' &&
    typeof Reflect.get(pubsub, 'handleReceivedMessage') === 'function' &&
    typeof Reflect.get(pubsub, 'validateReceivedMessage') === 'function'
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
 * And of the copies that it recognises it tells only its own metrics, and what it keeps of a message is a part of the piece that was
 * read from the transport, which stays in memory as a whole.
 *
 * @throws Error when this gossipsub handles RPCs elsewhere: then this piece has to be looked at again
 */
export function mendInboundRpcs(pubsub: object, observer: InboundObserver): void {
  if (!isRpcHandler(pubsub)) throw new Error('this gossipsub handles RPCs in another way')
  const acceptFrom = pubsub.acceptFrom.bind(pubsub)
  pubsub.acceptFrom = (peerId) => pubsub.peers.has(peerId) && acceptFrom(peerId)
  const handle = pubsub.handleReceivedMessage.bind(pubsub)
  pubsub.handleReceivedMessage = async (from, message) => {
    if (pubsub.subscriptions.has(message.topic)) await handle(from, message)
    else observer.onUnsubscribedMessage(message.topic)
  }
  const validate = pubsub.validateReceivedMessage.bind(pubsub)
  pubsub.validateReceivedMessage = async (from, message) => {
    const result = await validate(from, message)
    if (result.code === 'duplicate') observer.onDuplicateMessage(message.topic)
    else if (result.code === 'valid' && message.data) message.data = new Uint8Array(message.data)
    return result
  }
}
