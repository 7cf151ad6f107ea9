import { RPC } from '@libp2p/gossipsub/message'
import { withLength } from './length-prefix.ts'
import type { Outbox } from './outbox.ts'

type Rpc = Parameters<typeof RPC.encode>[0] & { messages: readonly object[] }

interface Message {
  readonly topic: string
  readonly data?: Uint8Array
}

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface Forwarder {
  streamsOutbound: ReadonlyMap<string, { protocol?: string; pushPrefixed(data: Uint8Array): void }>
  control: ReadonlyMap<string, unknown>
  gossip: ReadonlyMap<string, unknown>
  mesh: ReadonlyMap<string, ReadonlySet<string>>
  metrics?: { onRpcSent(rpc: Rpc, bytes: number): void; onMsgRecvError(topic: string): void } | null
  sendRpc(peer: string, rpc: Rpc): boolean
  sendRpcInBatch(peers: Set<string>, rpc: Rpc): void
  msgIdToStrFn(id: Uint8Array): string
  forwardMessage(id: string, message: Message, source?: string, excluded?: ReadonlySet<string>): void
  sendIDontWants(id: Uint8Array, topic: string, source: string): void
}

const TABLES = ['streamsOutbound', 'control', 'gossip', 'mesh']
const METHODS = ['sendRpc', 'sendRpcInBatch', 'msgIdToStrFn', 'forwardMessage', 'sendIDontWants']

function isForwarder(pubsub: object): pubsub is Forwarder {
  return (
    TABLES.every((table) => Reflect.get(pubsub, table) instanceof Map) &&
    METHODS.every((method) => typeof Reflect.get(pubsub, method) === 'function')
  )
}

/** The first version in which peers say which messages they do not want. */
const IDONTWANT_PROTOCOL = '/meshsub/1.2.0'

/** What is longer takes so long to be sent that it is worth saying first that it is here. */
const QUICKLY_SENT_BYTES = 16 * 1024

type Forwarded = Parameters<Forwarder['forwardMessage']>

interface News {
  id: Uint8Array
  name: string
  topic: string
  source: string
}

/** Told that a peer sent a message that had come before. */
export type OnCopy = (id: string, peer: string) => void

/**
 * js gossipsub 17.1 sends a message to each peer when it comes, and tells each before that it does not want it, so that:
 *
 * - neighbours who have it, and show or say so in the same moment, are sent it. Here it is decided to whom it goes when it goes;
 * - those who are sent it, or have sent it, are told that it need not be sent. Here the message itself tells them;
 * - it is written once for each peer that it goes to, because what else a peer is to be told may be added to it. Here that goes before it,
 *   and the message is written once, for all.
 *
 * @throws Error when this gossipsub sends in another way: then this piece has to be looked at again
 */
export function mendForwarding(pubsub: object, outbox: Outbox): OnCopy {
  if (!isForwarder(pubsub)) throw new Error('this gossipsub sends messages in another way')
  const writtenBy = writeOnce(pubsub)
  const forward = pubsub.forwardMessage.bind(pubsub)
  let forwards: Forwarded[] = []
  let news: News[] = []
  /** Of messages that wait, who has them, as their copies show. */
  const holders = new Map<string, Set<string>>()
  pubsub.forwardMessage = (...forwarded) => {
    forwards.push(forwarded)
    holders.set(forwarded[0], new Set(forwarded[3]))
    outbox.decideLater(forwarded[1].data?.length ?? 0)
  }
  pubsub.sendIDontWants = (id, topic, source) => {
    news.push({ id, name: pubsub.msgIdToStrFn(id), topic, source })
    outbox.decideLater(0)
  }
  outbox.beforeWriting(() => {
    const [due, told] = [forwards, news]
    ;[forwards, news] = [[], []]
    const quick = new Set(due.filter(isQuicklySent).map(([name]) => name))
    const isLate = ({ name }: News) => quick.has(name)
    const [early, late] = [told.filter((each) => !isLate(each)), told.filter(isLate)]
    tell(pubsub, early, holders)
    for (const [name, message, source] of due) {
      const has = holders.get(name) ?? new Set()
      const to = writtenBy(() => {
        try {
          forward(name, message, source, has)
        } catch {
          // As gossipsub does with a message that it cannot handle.
          pubsub.metrics?.onMsgRecvError(message.topic)
        }
      })
      for (const peer of to) has.add(peer)
    }
    tell(pubsub, late, holders)
    holders.clear()
  })
  return (id, peer) => void holders.get(id)?.add(peer)
}

function isQuicklySent([, { data }]: Forwarded): boolean {
  return (data?.length ?? 0) <= QUICKLY_SENT_BYTES
}

/** Tells each peer in one piece which messages it need not send; those who are told the same are given the same bytes. */
function tell(pubsub: Forwarder, news: readonly News[], holders: ReadonlyMap<string, ReadonlySet<string>>): void {
  const unwanted = new Map<string, News[]>()
  for (const each of news) {
    const has = holders.get(each.name)
    for (const peer of pubsub.mesh.get(each.topic) ?? []) {
      if (peer === each.source || has?.has(peer)) continue
      if (pubsub.streamsOutbound.get(peer)?.protocol !== IDONTWANT_PROTOCOL) continue
      const told = unwanted.get(peer)
      if (told) told.push(each)
      else unwanted.set(peer, [each])
    }
  }
  const alike = Map.groupBy(unwanted, ([, told]) => told.map(({ name }) => name).join(''))
  for (const group of alike.values()) {
    const messageIDs = group[0]?.[1].map(({ id }) => id) ?? []
    const control = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [{ messageIDs }] }
    const peers = new Set(group.map(([peer]) => peer))
    pubsub.sendRpcInBatch(peers, { subscriptions: [], messages: [], control })
  }
}

/** @returns what runs something, tells to which peers it wrote messages, and keeps nothing of them */
function writeOnce(pubsub: Forwarder): (run: () => void) => Set<string> {
  let peers = new Set<string>()
  // The last one alone: gossipsub goes through the peers of a message before it takes another.
  let last: Written | undefined
  const sendRpc = pubsub.sendRpc.bind(pubsub)
  pubsub.sendRpc = (peer, rpc) => {
    const [message] = rpc.messages
    const stream = pubsub.streamsOutbound.get(peer)
    const isAlone = rpc.messages.length === 1 && rpc.control === undefined
    if (message !== undefined) peers.add(peer)
    if (message === undefined || stream === undefined || !isAlone) return sendRpc(peer, rpc)
    if (pubsub.control.has(peer) || pubsub.gossip.has(peer)) sendRpc(peer, { subscriptions: [], messages: [] })
    if (last?.message !== message) last = write(message, rpc)
    const { framed, rpcBytes } = last
    try {
      stream.pushPrefixed(framed)
    } catch {
      // As gossipsub does: the stream is over, and whoever closed it tells of that.
      return false
    }
    pubsub.metrics?.onRpcSent(rpc, rpcBytes)
    return true
  }
  return (run) => {
    peers = new Set()
    run()
    // A block that is kept until the next one is old by then: V8 looks through its whole heap to find it free.
    last = undefined
    return peers
  }
}

/** A message, and the RPC with it alone as it goes over a stream. */
interface Written {
  message: object
  framed: Uint8Array
  rpcBytes: number
}

function write(message: object, rpc: Rpc): Written {
  const bytes = RPC.encode(rpc)
  return { message, framed: withLength(bytes), rpcBytes: bytes.length }
}
