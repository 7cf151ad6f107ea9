import { mendNewStreams } from './mend-yamux-streams.ts'

/** What a stream gives its connection at a time. */
const CHUNK_BYTES = 256 * 1024

/**
 * Frames that may wait in a connection beside a stream's chunk: answers to a peer that asks and does not read them. Each takes some 200 bytes
 * of V8's heap.
 */
const MAX_WAITING_FRAMES = 256

interface Bytes {
  readonly byteLength: number
  sublist(start: number, end: number): Bytes
}

interface Sender {
  sendData(data: Bytes): { sentBytes: number; canSendMore: boolean }
  /** Makes it send again. */
  onMuxerDrain(): void
}

/** The part of js yamux's muxer that is used. */
interface Muxer {
  streams: object[]
  send(frame: unknown): boolean
}

interface Layer {
  readonly writableNeedsDrain: boolean
  readonly writeBufferLength: number
}

/** Of the connection under it: Noise, and in `stream` what Noise writes to. */
interface BackloggedConnection extends Layer {
  readonly stream: Layer
  abort(error: Error): void
}

function isMuxer(muxer: object): muxer is Muxer {
  return typeof Reflect.get(muxer, 'send') === 'function' && Array.isArray(Reflect.get(muxer, 'streams'))
}

function isSender(stream: object): stream is Sender {
  return ['sendData', 'onMuxerDrain'].every((method) => typeof Reflect.get(stream, method) === 'function')
}

function isLayer(layer: unknown): layer is Layer {
  if (typeof layer !== 'object' || layer === null) return false
  const { writableNeedsDrain, writeBufferLength } = layer as Partial<Layer>
  return typeof writableNeedsDrain === 'boolean' && typeof writeBufferLength === 'number'
}

function isBacklogged(connection: object): connection is BackloggedConnection {
  return isLayer(connection) && isLayer(Reflect.get(connection, 'stream'))
}

/**
 * A stream of js yamux 8 sends at each window update, as much as its peer says, though the connection takes no more: a peer that opens its
 * windows and reads little makes the connection keep whatever is sent, where no budget sees it. Noise makes it worse: it hands
 * all that it holds to a TCP connection that is full. Here what waits stays in its stream until the connection has written everything,
 * streams take turns, and a peer that does not read what it asks for itself, as answers to pings, loses its connection.
 *
 * @param onSlowPeer called when a connection is given up because its peer does not read
 * @throws Error when this js yamux sends elsewhere, or js noise keeps its backlog elsewhere: then this piece has to be looked at again
 */
export function keepBacklogInStreams(muxer: object, connection: object, onSlowPeer: () => void): void {
  if (!isMuxer(muxer)) throw new Error('this yamux keeps its streams or sends its frames elsewhere')
  if (!isBacklogged(connection)) throw new Error('this connection keeps what it has not sent elsewhere')
  const layers: readonly Layer[] = [connection, connection.stream]
  mendNewStreams(muxer, (stream) => {
    if (!isSender(stream)) throw new Error('this yamux sends its data elsewhere')
    sendInTurn(muxer, stream, layers)
  })
  const send = muxer.send.bind(muxer)
  let waiting = 0
  let givenUp = false
  muxer.send = (frame) => {
    // What else it asks for in this turn may be 256 KiB, of 12 bytes each.
    if (givenUp) return false
    // Streams send when nothing waits.
    waiting = unsent(layers) > 0 ? waiting + 1 : 0
    if (waiting > MAX_WAITING_FRAMES) {
      givenUp = true
      onSlowPeer()
      // Not here: who sends may send again in this turn, and js yamux catches nothing then.
      setImmediate(() => connection.abort(new Error('the peer does not read what it is sent')))
      return false
    }
    return send(frame)
  }
}

function sendInTurn(muxer: Muxer, stream: Sender, layers: readonly Layer[]): void {
  const sendData = stream.sendData.bind(stream)
  stream.sendData = (data) => {
    const isFull = layers.some(({ writableNeedsDrain }) => writableNeedsDrain)
    if (isFull || unsent(layers) > 0) {
      // A full connection tells its streams when it takes more; one that has just been told itself, and goes on in this turn, does not.
      if (!isFull) setImmediate(() => stream.onMuxerDrain())
      return { sentBytes: 0, canSendMore: false }
    }
    const result = sendData(data.byteLength > CHUNK_BYTES ? data.sublist(0, CHUNK_BYTES) : data)
    // Streams are told in their order, and the first that has something fills the connection again.
    const at = muxer.streams.indexOf(stream)
    if (!result.canSendMore && at >= 0) muxer.streams.push(...muxer.streams.splice(at, 1))
    return result
  }
}

function unsent(layers: readonly Layer[]): number {
  return layers.reduce((sum, { writeBufferLength }) => sum + writeBufferLength, 0)
}
