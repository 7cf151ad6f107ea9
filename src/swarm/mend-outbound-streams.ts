import { withLength } from './length-prefix.ts'
import { createOutboundBudget } from './outbound-budget.ts'
import type { Outbox } from './outbox.ts'

/** What QUIC's native part is given at a time: it would take everything at once, out of our sight. */
const CHUNK_BYTES = 256 * 1024

/**
 * Unsent bytes over all gossip streams of a swarm, unless one may hold more. They lie outside V8's heap, whose limits do not see them.
 */
export const OUTBOUND_BUDGET_BYTES = 64 * 1024 * 1024

/** What waits to be sent with others, of one stream: more is sent at once, and a larger piece by itself. The budget does not see it. */
const WAITING_BYTES = 64 * 1024

/** The part of gossipsub's outbound stream that is used. */
interface OutboundStream {
  readonly rawStream: { readonly writeBufferLength: number; maxMessageSize?: number; abort(error: Error): void }
  push(data: Uint8Array): void
  /** Sends what has its length in front already. */
  pushPrefixed(data: Bytes): void
}

/** An array, or libp2p's list of arrays. */
type Bytes = Uint8Array | { readonly length: number; subarray(): Uint8Array }

interface StreamOpener {
  streamsOutbound: Map<string, OutboundStream>
  createOutboundStream(peer: { toString(): string }, connection: unknown): Promise<void>
  stop(): Promise<void>
}

function isStreamOpener(pubsub: object): pubsub is StreamOpener {
  return (
    Reflect.get(pubsub, 'streamsOutbound') instanceof Map &&
    ['createOutboundStream', 'stop'].every((method) => typeof Reflect.get(pubsub, method) === 'function')
  )
}

/**
 * js gossipsub 17.1 and the streams on which it sends; none of this can be reached by its options.
 *
 * - It opens one stream after the other: a single peer that does not answer holds up all others, for 10 s each time.
 * - Its framing refuses RPCs beyond 4 MiB: `it-length-prefixed` has this limit unless told otherwise, and is not.
 * - It writes each RPC by itself. Here several go together, and what still waits at a stop goes before its streams are closed.
 * - It keeps whatever a slow peer does not read. Beyond a budget over all streams the fullest one is given up.
 *
 * @param onSlowPeer called when a stream is given up because its peer does not read
 * @throws Error when this gossipsub keeps its streams elsewhere: then this piece has to be looked at again
 */
export function mendOutboundStreams(
  pubsub: object,
  outbox: Outbox,
  onSlowPeer: () => void,
  budgetBytes = OUTBOUND_BUDGET_BYTES,
): void {
  if (!isStreamOpener(pubsub)) throw new Error('this gossipsub has no table of outbound streams')
  openSideBySide(pubsub)
  writeBeforeStop(pubsub, outbox)
  const { streamsOutbound } = pubsub
  const bytesOf = createBytesOf()
  const join = createJoin()
  const chunksOf = createChunksOf()
  const rawStreams = () => Array.from(streamsOutbound.values(), ({ rawStream }) => rawStream)
  const sendWithin = createOutboundBudget(rawStreams, budgetBytes, onSlowPeer)
  const set = streamsOutbound.set.bind(streamsOutbound)
  streamsOutbound.set = (peerId, stream) => {
    stream.rawStream.maxMessageSize ??= CHUNK_BYTES
    const push = stream.pushPrefixed.bind(stream)
    const pushChunks = (data: Uint8Array) => {
      for (const chunk of chunksOf(data)) push(chunk)
    }
    const send = sendTogether(join, outbox, (data) => sendWithin(stream.rawStream, data, () => pushChunks(data)))
    stream.pushPrefixed = (data) => send(bytesOf(data))
    stream.push = (data) => stream.pushPrefixed(withLength(data))
    return set(peerId, stream)
  }
}

/**
 * Sends what is due at a time for a stream in one piece: a write to QUIC's native part, or an encrypted frame, costs more
 * than what is in it.
 */
function sendTogether(join: Join, outbox: Outbox, send: Send): Send {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  const flush = () => {
    if (waiting.length === 0) return
    const parts = waiting
    waiting = []
    waitingBytes = 0
    send(join(parts))
  }
  const flushLater = () => {
    try {
      flush()
    } catch {
      // The stream was closed meanwhile, and gossipsub is told of that.
    }
  }
  return (data) => {
    if (data.length > WAITING_BYTES) {
      // Not joined: it would be copied, for each stream that was sent something else before it.
      flush()
      send(data)
      return
    }
    if (waiting.length === 0) outbox.writeLater(flushLater)
    waiting.push(data)
    waitingBytes += data.length
    if (waitingBytes > WAITING_BYTES) flush()
  }
}

type Send = (data: Uint8Array) => void
type Join = (parts: readonly Uint8Array[]) => Uint8Array

/** So many different things are put together at a time: what goes to those who have one message, or the other, already. */
const MAX_JOINED = 8

/** Most peers are sent the same at a time: it is put together once. */
function createJoin(): Join {
  const known: { parts: readonly Uint8Array[]; whole: Uint8Array }[] = []
  return (parts) => {
    const [first] = parts
    if (first && parts.length === 1) return first
    const same = known.find(
      (other) => other.parts.length === parts.length && parts.every((part, at) => part === other.parts[at]),
    )
    if (same) return same.whole
    const joined = { parts, whole: Buffer.concat(parts) }
    if (known.push(joined) > MAX_JOINED) known.shift()
    return joined.whole
  }
}

/** gossipsub gives the same list to many streams. */
function createBytesOf(): (data: Bytes) => Uint8Array {
  const known = new WeakMap<object, Uint8Array>()
  return (data) => {
    if (data instanceof Uint8Array) return data
    const bytes = known.get(data) ?? data.subarray()
    known.set(data, bytes)
    return bytes
  }
}

/**
 * A write to a QUIC stream keeps the whole of an array in memory of which it has a part, until the peer reads, also when the stream was given
 * up. A chunk is an array of its own, the same for all streams.
 */
function createChunksOf(): (data: Uint8Array) => readonly Uint8Array[] {
  const known = new WeakMap<Uint8Array, readonly Uint8Array[]>()
  return (data) => {
    if (data.length <= CHUNK_BYTES) return [data]
    const chunks = known.get(data) ?? copiesOf(data)
    known.set(data, chunks)
    return chunks
  }
}

function copiesOf(data: Uint8Array): Uint8Array[] {
  const starts = Array.from({ length: Math.ceil(data.length / CHUNK_BYTES) }, (_, at) => at * CHUNK_BYTES)
  return starts.map((start) => new Uint8Array(data.subarray(start, start + CHUNK_BYTES)))
}

function writeBeforeStop(pubsub: StreamOpener, outbox: Outbox): void {
  const stop = pubsub.stop.bind(pubsub)
  pubsub.stop = async () => {
    outbox.writeNow()
    await stop()
  }
}

function openSideBySide(pubsub: StreamOpener): void {
  const create = pubsub.createOutboundStream.bind(pubsub)
  const opening = new Set<string>()
  pubsub.createOutboundStream = async (peer, connection) => {
    const id = peer.toString()
    if (opening.has(id)) return
    opening.add(id)
    // Not awaited, because the queue behind this waits for nobody then. It handles its errors itself.
    void create(peer, connection).finally(() => opening.delete(id))
  }
}
