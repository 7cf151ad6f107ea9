import type { PeerId } from '@libp2p/interface'
import { createFrameReader, FrameTooLongError } from './frame-reader.ts'
import { createFrameRooms, type FrameRooms, LEAST_ROOM_BYTES } from './frame-rooms.ts'

/** An array, or libp2p's list of arrays. */
type Bytes = Uint8Array | Iterable<Uint8Array>

/** The part of libp2p's streams that is used. */
interface RawStream {
  readonly readStatus: string
  readonly readBuffer: { readonly byteLength: number }
  onData(data: Bytes): void
  close(): Promise<void>
  abort(error: unknown): void
  addEventListener(type: 'message', listener: (event: { data: Bytes }) => void, options: ListenerOptions): void
  addEventListener(type: 'close', listener: (event: { error?: Error }) => void, options: ListenerOptions): void
  addEventListener(type: 'remoteCloseWrite', listener: () => void, options: ListenerOptions): void
}

interface ListenerOptions {
  signal: AbortSignal
}

interface Rpc {
  readonly subscriptions: readonly unknown[]
  readonly messages: readonly { topic: string }[]
  readonly control?: { readonly graft?: readonly unknown[]; readonly prune?: readonly unknown[] }
}

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface StreamReader {
  readonly opts: { readonly maxInboundDataLength?: number }
  readonly metrics?: {
    onRpcRecv(rpc: unknown, bytes: number): void
    onRpcRecvError(): void
    onRpcDataError(): void
    onPeerReadStreamError(): void
    onMsgRecvError(topic: string): void
    rpcRecvNotAccepted: { inc(): void }
  } | null
  readonly peers: ReadonlyMap<string, unknown>
  readonly streamsInbound: Map<string, { close(): Promise<void> }>
  isStarted(): boolean
  createInboundStream(peer: PeerId, stream: RawStream): void
  decodeRpc(bytes: Uint8Array): Rpc
  acceptFrom(peer: string): boolean
  handleReceivedRpc(from: PeerId, rpc: Rpc): Promise<void>
  handleReceivedMessage(from: PeerId, message: { topic: string }): Promise<void>
  handleControlMessage(from: string, control: object): Promise<void>
  handlePeerReadStreamError(error: unknown, peer: PeerId): void
}

const METHODS = [
  'isStarted',
  'createInboundStream',
  'decodeRpc',
  'acceptFrom',
  'handleReceivedRpc',
  'handleReceivedMessage',
  'handleControlMessage',
  'handlePeerReadStreamError',
]

function isStreamReader(pubsub: object): pubsub is StreamReader {
  return (
    METHODS.every((method) => typeof Reflect.get(pubsub, method) === 'function') &&
    ['peers', 'streamsInbound'].every((table) => Reflect.get(pubsub, table) instanceof Map) &&
    typeof Reflect.get(pubsub, 'opts') === 'object'
  )
}

function isRawStream(stream: object): stream is RawStream {
  const { readStatus, readBuffer, onData } = stream as Partial<RawStream>
  return typeof readStatus === 'string' && typeof readBuffer?.byteLength === 'number' && typeof onData === 'function'
}

/**
 * js gossipsub 17.1 reads a stream through an event, a queue, three generators and a dozen promises for each piece that comes, which
 * takes longer than all else that it does with a copy of a message. Here an RPC is handled when its last byte has come.
 * And gossipsub drops the sender of an RPC that is too long, and tells of it in its log alone.
 *
 * @param onOversizedRpc called when a peer sends an RPC that is too long to be read
 * @throws Error when this gossipsub, or this libp2p, reads its streams elsewhere: then this piece has to be looked at again
 */
export function mendInboundStreams(pubsub: object, onOversizedRpc: () => void): void {
  if (!isStreamReader(pubsub)) throw new Error('this gossipsub reads its streams in another way')
  const rooms = createFrameRooms()
  pubsub.createInboundStream = (peer, stream) => {
    const id = peer.toString()
    if (!pubsub.isStarted() || !pubsub.peers.has(id)) return
    if (!isRawStream(stream)) throw new Error('this libp2p brings what a stream reads in another way')
    void pubsub.streamsInbound.get(id)?.close()
    pubsub.streamsInbound.set(id, {
      close: async () => stream.close().catch((error: unknown) => stream.abort(error)),
    })
    readRpcs({ pubsub, peer, rooms }, stream, (error) => {
      if (error instanceof FrameTooLongError) onOversizedRpc()
      pubsub.metrics?.onPeerReadStreamError()
      pubsub.handlePeerReadStreamError(error, peer)
    })
  }
}

interface Reading {
  readonly pubsub: StreamReader
  readonly peer: PeerId
  readonly rooms: FrameRooms
}

function readRpcs({ pubsub, peer, rooms }: Reading, stream: RawStream, onError: (error: unknown) => void): void {
  const reader = createFrameReader(pubsub.opts.maxInboundDataLength ?? Infinity, handlerOf(pubsub, peer), rooms)
  const ended = new AbortController()
  const { signal } = ended
  const { onData } = stream
  const end = (error?: unknown) => {
    if (signal.aborted) return
    ended.abort()
    // What still comes is kept by the stream, which ends when that is too much.
    stream.onData = onData
    if (error !== undefined) onError(error)
  }
  const read = (data: Bytes) => {
    try {
      if (data instanceof Uint8Array) reader.push(data)
      else for (const piece of data) reader.push(piece)
    } catch (error) {
      end(error)
    }
  }
  // Without an event for each piece. What waits in the stream, because it came before this or while it was paused, comes as one.
  stream.onData = (data) => {
    if (stream.readStatus === 'readable' && stream.readBuffer.byteLength === 0) read(data)
    else onData.call(stream, data)
  }
  stream.addEventListener('message', ({ data }) => read(data), { signal })
  const cutOff = () => (reader.isBetweenFrames() ? undefined : new Error('the stream ended in the middle of an RPC'))
  stream.addEventListener('close', ({ error }) => end(error ?? cutOff()), { signal })
  stream.addEventListener('remoteCloseWrite', () => end(cutOff()), { signal })
}

/** Handles RPCs, and tells of each whether nothing refers to its bytes any more. */
function handlerOf(pubsub: StreamReader, peer: PeerId): (bytes: Uint8Array) => boolean {
  let before = Promise.resolve()
  return (bytes) => {
    let rpc: Rpc
    try {
      rpc = pubsub.decodeRpc(bytes)
      pubsub.metrics?.onRpcRecv(rpc, bytes.length)
    } catch {
      pubsub.metrics?.onRpcDataError()
      return true
    }
    const handled = movesPeer(rpc) ? before.then(() => handleRpc(pubsub, peer, rpc)) : handleRpc(pubsub, peer, rpc)
    const told = handled.catch(() => pubsub.metrics?.onRpcRecvError())
    if (movesPeer(rpc)) before = told
    return bytes.length >= LEAST_ROOM_BYTES && isFreeOf(rpc, bytes)
  }
}

/**
 * Whether an RPC that is being handled has nothing of the bytes that it was read from any more: its messages were given data that lie elsewhere
 * (`wire-copies.ts`), because they were copied, or are those of the copy that came first. Ids in control messages are a part of the bytes.
 */
function isFreeOf({ control, messages }: Rpc, { buffer }: Uint8Array): boolean {
  return !control && messages.every((message) => Object.values(message).every((field) => !isIn(buffer, field)))
}

function isIn(buffer: ArrayBufferLike, field: unknown): boolean {
  return ArrayBuffer.isView(field) && field.buffer === buffer
}

/** Whether the peer may be in a topic or mesh after it, or not: a GRAFT takes gossipsub a promise, and must not come after what followed it. */
function movesPeer({ subscriptions, control }: Rpc): boolean {
  return subscriptions.length > 0 || (control?.graft?.length ?? 0) > 0 || (control?.prune?.length ?? 0) > 0
}

/** As gossipsub does; but for subscriptions, which are rare, without a line for its log that nobody reads. */
async function handleRpc(pubsub: StreamReader, peer: PeerId, rpc: Rpc): Promise<void> {
  if (rpc.subscriptions.length > 0) return pubsub.handleReceivedRpc(peer, rpc)
  const id = peer.toString()
  if (!pubsub.acceptFrom(id)) {
    pubsub.metrics?.rpcRecvNotAccepted.inc()
    return
  }
  for (const message of rpc.messages) {
    pubsub.handleReceivedMessage(peer, message).catch(() => pubsub.metrics?.onMsgRecvError(message.topic))
  }
  if (rpc.control) await pubsub.handleControlMessage(id, rpc.control)
}
