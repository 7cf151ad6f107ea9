import { createReader, FrameTooLongError } from './frame-reader.ts'
import { readIntoOneBuffer } from './mend-socket-reads.ts'

/** An array, or libp2p's list of arrays. */
type Bytes = Uint8Array | Iterable<Uint8Array>

/** The part of libp2p's message streams that is used. */
interface Layer {
  readonly readStatus: string
  readonly readBuffer: { readonly byteLength: number }
  onData(data: Bytes): void
  abort(error: unknown): void
}

/** js noise's connection: it decrypts what comes from `stream`. */
interface NoiseConnection extends Layer {
  readonly stream: Layer
  /** Of a frame that is not whole it keeps what came in `buffer`. */
  readonly decoder: { readonly buffer: { subarray(): Uint8Array }; decode(data: Bytes): Iterable<Uint8Array> }
  readonly handshake: { decrypt(data: Uint8Array, target: Uint8Array): Uint8Array }
  decrypt(frame: Uint8Array): Uint8Array
}

interface Frame {
  header: { type: number; flag: number; streamID: number; length: number }
  data?: Uint8Array
}

/** js yamux's muxer, which reads that connection. */
interface YamuxMuxer {
  readonly decoder: { emitFrames(data: Bytes): Iterable<Frame> }
  onData(data: Bytes): void
  handleFrame(frame: Frame): void
  handleStreamMessage(frame: Frame): void
  abort(error: unknown): void
}

const LENGTH_BYTES = 2
const TAG_BYTES = 16
const HEADER_BYTES = 12
const DATA_FRAME = 0
const WINDOW_FRAME = 1
/** FIN and RST. */
const ENDING_FLAGS = 4 | 8
/** js yamux's largest window. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024
const NOTHING = new Uint8Array()

function isLayer(layer: unknown): layer is Layer {
  if (typeof layer !== 'object' || layer === null) return false
  const { readStatus, readBuffer, onData } = layer as Partial<Layer>
  return typeof readStatus === 'string' && typeof readBuffer?.byteLength === 'number' && typeof onData === 'function'
}

const method = (of: unknown, name: string) => typeof Reflect.get(Object(of), name) === 'function'

function isNoise(connection: object): connection is NoiseConnection {
  const { decoder, handshake, stream } = connection as Partial<NoiseConnection>
  return (
    isLayer(connection) &&
    isLayer(stream) &&
    method(decoder, 'decode') &&
    method(decoder?.buffer, 'subarray') &&
    method(handshake, 'decrypt')
  )
}

function isYamux(muxer: object): muxer is YamuxMuxer {
  const methods = ['onData', 'handleFrame', 'handleStreamMessage'].every((name) => method(muxer, name))
  return methods && method(Reflect.get(muxer, 'decoder'), 'emitFrames')
}

/**
 * js libp2p brings what a TCP connection reads through three events, two generators and eight lists for each message, which takes as long
 * as decrypting it. Here each layer hands it to the next. js yamux also keeps whatever a frame announces, up to 4 GiB.
 *
 * @throws Error when js noise or js yamux read elsewhere: then this piece has to be looked at again
 */
export function readDirectly(muxer: object, connection: object): void {
  if (!isNoise(connection)) throw new Error('this noise reads its connection elsewhere')
  if (!isYamux(muxer)) throw new Error('this yamux reads its connection elsewhere')
  cutNoise(connection)
  cutYamux(muxer)
  handOn(connection.stream, (data) => {
    try {
      for (const frame of connection.decoder.decode(data)) {
        const plain = connection.decrypt(frame)
        // As js libp2p does: nothing is no sign of life.
        if (plain.length > 0) connection.onData(plain)
      }
    } catch (error) {
      connection.abort(error)
    }
  })
  handOn(connection, (data) => {
    try {
      muxer.onData(data)
    } catch (error) {
      muxer.abort(error)
      connection.abort(error)
    }
  })
  readIntoOneBuffer(connection.stream)
}

/** Without an event, where nothing that came before waits in the layer. What waits is copied: the next read overwrites it. */
function handOn(layer: Layer, take: (data: Bytes) => void): void {
  const onData = layer.onData.bind(layer)
  layer.onData = (data) => {
    if (layer.readStatus === 'readable' && layer.readBuffer.byteLength === 0) take(data)
    else onData(data instanceof Uint8Array ? new Uint8Array(data) : data)
  }
}

function cutNoise(connection: NoiseConnection): void {
  let frames: Uint8Array[] = []
  const reader = createReader(
    (bytes, at) => {
      const bodyAt = at + LENGTH_BYTES
      return bodyAt > bytes.length ? undefined : { bodyAt, end: bodyAt + uint16(bytes, at) }
    },
    (bytes, _, { bodyAt, end }) => {
      // As js noise does: an empty one says nothing.
      if (end > bodyAt) frames.push(bytes.subarray(bodyAt, end))
    },
  )
  // A part of one may have come with what the muxer was agreed on by.
  reader.push(connection.decoder.buffer.subarray())
  connection.decoder.decode = (data) => {
    for (const piece of piecesOf(data)) reader.push(piece)
    const whole = frames
    frames = []
    return whole
  }
  connection.decrypt = (frame) => {
    if (frame.length < TAG_BYTES) throw new Error('a frame of Noise that is too short')
    return connection.handshake.decrypt(frame, frame.subarray(0, -TAG_BYTES))
  }
}

/**
 * What has come of a frame's data goes on before the rest: a block is put together as an RPC, and need not be as frames before. What opens
 * or accepts a stream goes with the first of the data, and what ends it after the last: js yamux would end it first.
 */
function cutYamux(muxer: YamuxMuxer): void {
  const emitFrames = muxer.decoder.emitFrames.bind(muxer.decoder)
  /** Of the data frame that has begun, and whose data are as long as what is still to come. */
  let begun: Frame['header'] | undefined
  const reader = createReader(
    (bytes, at) => {
      if (begun) return at < bytes.length ? { bodyAt: at, end: Math.min(bytes.length, at + begun.length) } : undefined
      const bodyAt = at + HEADER_BYTES
      if (bytes.length < bodyAt) return undefined
      // js yamux knows what to say to another version.
      if (bytes[at] !== 0) return void [...emitFrames(bytes.subarray(at))]
      const length = lengthOf(headerAt(bytes, at))
      if (length > MAX_FRAME_BYTES) throw new FrameTooLongError(`a frame of yamux of ${length} bytes`)
      return { bodyAt, end: Math.min(bytes.length, bodyAt + length) }
    },
    (bytes, at, { bodyAt, end }) => {
      const header = begun ?? headerAt(bytes, at)
      begun = undefined
      const { type, streamID, flag } = header
      // As js yamux does, without a line for its log.
      const handle = streamID !== 0 && type <= WINDOW_FRAME ? 'handleStreamMessage' : 'handleFrame'
      if (type !== DATA_FRAME) return muxer[handle]({ header })
      const data = detached(bytes.subarray(bodyAt, end))
      const left = lengthOf(header) - data.length
      // Its header goes with the first of its data.
      if (left > 0 && data.length === 0) return void (begun = header)
      const ending = data.length > 0 ? flag & ENDING_FLAGS : 0
      if (left > 0) begun = { ...header, flag: ending, length: left }
      muxer[handle]({ header: { ...header, flag: flag - ending, length: data.length }, data })
      if (left === 0 && ending > 0) muxer[handle]({ header: { ...header, flag: ending, length: 0 }, data: NOTHING })
    },
  )
  muxer.onData = (data) => {
    for (const piece of piecesOf(data)) reader.push(piece)
  }
}

/**
 * A stream that is not read counts what waits in it, and not what that is a part of: a byte would keep 64 KiB. Small frames of Noise are
 * decrypted where the socket was read into, which is far more than twice as long: the next read overwrites it.
 */
function detached(data: Uint8Array): Uint8Array {
  return 2 * data.length < data.buffer.byteLength ? new Uint8Array(data) : data
}

/** Of the data behind a header. Those of no stream are waited for by nobody: js yamux ends the connection. */
function lengthOf({ type, streamID, length }: Frame['header']): number {
  return type === DATA_FRAME && streamID !== 0 ? length : 0
}

function headerAt(bytes: Uint8Array, at: number): Frame['header'] {
  const type = bytes[at + 1] ?? 0
  return { type, flag: uint16(bytes, at + 2), streamID: uint32(bytes, at + 4), length: uint32(bytes, at + 8) }
}

function piecesOf(data: Bytes): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 2 ** 16 + uint16(bytes, at + 2)
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
}
