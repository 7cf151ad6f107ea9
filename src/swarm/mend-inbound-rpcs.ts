import type { OnCopy } from './mend-forwarding.ts'

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface RpcHandler {
  readonly fastMsgIdFn?: (message: Message) => string
  readonly fastMsgIdCache?: { get(name: string): string | undefined }
  readonly gossipTracer: { deliverMessage(messageId: string, isCopy: boolean): void }
  readonly metrics?: {
    onMsgRecvPreValidation(topic: string): void
    onPrevalidationResult(topic: string, code: 'duplicate'): void
  } | null
  peers: ReadonlyMap<string, unknown>
  subscriptions: ReadonlySet<string>
  acceptFrom(peerId: string): boolean
  handleReceivedMessage(from: Sender, message: Message): Promise<void>
  validateReceivedMessage(from: Sender, message: Message): Promise<{ code: string; msgIdStr?: string }>
}

interface Sender {
  toString(): string
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
    typeof Reflect.get(pubsub, 'validateReceivedMessage') === 'function' &&
    typeof Reflect.get(Object(Reflect.get(pubsub, 'gossipTracer')), 'deliverMessage') === 'function'
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
 * And of the copies that it recognises it tells only its own metrics, after three promises for each: of four messages that come three
 * are copies.
 *
 * @param onCopy told who sent which copy
 * @throws Error when this gossipsub handles RPCs elsewhere: then this piece has to be looked at again
 */
export function mendInboundRpcs(pubsub: object, observer: InboundObserver, onCopy: OnCopy): void {
  if (!isRpcHandler(pubsub)) throw new Error('this gossipsub handles RPCs in another way')
  const acceptFrom = pubsub.acceptFrom.bind(pubsub)
  pubsub.acceptFrom = (peerId) => pubsub.peers.has(peerId) && acceptFrom(peerId)
  const onDuplicate = (from: Sender, { topic }: Message, messageId: string) => {
    onCopy(messageId, from.toString())
    observer.onDuplicateMessage(topic)
  }
  const handle = pubsub.handleReceivedMessage.bind(pubsub)
  pubsub.handleReceivedMessage = async (from, message) => {
    if (!pubsub.subscriptions.has(message.topic)) return observer.onUnsubscribedMessage(message.topic)
    const messageId = knownCopy(pubsub, message)
    if (messageId === undefined) await handle(from, message)
    else onDuplicate(from, message, messageId)
  }
  const validate = pubsub.validateReceivedMessage.bind(pubsub)
  pubsub.validateReceivedMessage = async (from, message) => {
    const result = await validate(from, message)
    if (result.code === 'duplicate') onDuplicate(from, message, result.msgIdStr ?? '')
    return result
  }
}

/**
 * The id of a message whose bytes came before. It gives the message the data of the first copy, before anything is waited for. gossipsub is
 * told what it would then tell itself; nobody is scored, and all is validated at once.
 */
function knownCopy(pubsub: RpcHandler, message: Message): string | undefined {
  const name = pubsub.fastMsgIdFn?.(message)
  const messageId = name === undefined ? undefined : pubsub.fastMsgIdCache?.get(name)
  if (messageId === undefined) return undefined
  pubsub.metrics?.onMsgRecvPreValidation(message.topic)
  pubsub.metrics?.onPrevalidationResult(message.topic, 'duplicate')
  pubsub.gossipTracer.deliverMessage(messageId, true)
  return messageId
}
