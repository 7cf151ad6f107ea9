import { RPC } from '@libp2p/gossipsub/message'
import { withLength } from './length-prefix.ts'

type Rpc = Parameters<typeof RPC.encode>[0] & { messages: readonly object[] }

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface Forwarder {
  streamsOutbound: ReadonlyMap<string, { pushPrefixed(data: Uint8Array): void }>
  control: ReadonlyMap<string, unknown>
  gossip: ReadonlyMap<string, unknown>
  metrics?: { onRpcSent(rpc: Rpc, bytes: number): void } | null
  sendRpc(peer: string, rpc: Rpc): boolean
}

function isForwarder(pubsub: object): pubsub is Forwarder {
  return (
    ['streamsOutbound', 'control', 'gossip'].every((table) => Reflect.get(pubsub, table) instanceof Map) &&
    typeof Reflect.get(pubsub, 'sendRpc') === 'function'
  )
}

/**
 * js gossipsub 17.1 writes a message that it forwards once for each peer that it goes to, because what else a peer is to be
 * told may be added to it. Where there is nothing to add, the bytes are the same for all: they are written once.
 *
 * @throws Error when this gossipsub sends in another way: then this piece has to be looked at again
 */
export function mendForwarding(pubsub: object): void {
  if (!isForwarder(pubsub)) throw new Error('this gossipsub sends messages in another way')
  // The last one alone, until the next: gossipsub goes through the peers of a message before it takes another.
  let last: { message: object; rpcBytes: number; framed: Uint8Array } | undefined
  const sendRpc = pubsub.sendRpc.bind(pubsub)
  pubsub.sendRpc = (peer, rpc) => {
    const [message] = rpc.messages
    const stream = pubsub.streamsOutbound.get(peer)
    const isAlone = rpc.messages.length === 1 && rpc.control === undefined
    const hasMore = pubsub.control.has(peer) || pubsub.gossip.has(peer)
    if (message === undefined || stream === undefined || !isAlone || hasMore) return sendRpc(peer, rpc)
    if (last?.message !== message) {
      const bytes = RPC.encode(rpc)
      last = { message, rpcBytes: bytes.length, framed: withLength(bytes) }
    }
    try {
      stream.pushPrefixed(last.framed)
    } catch {
      // As gossipsub does: the stream is over, and whoever closed it tells of that.
      return false
    }
    pubsub.metrics?.onRpcSent(rpc, last.rpcBytes)
    return true
  }
}
