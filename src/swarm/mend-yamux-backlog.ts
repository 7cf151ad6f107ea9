/** What a stream gives its connection at a time. */
const CHUNK_BYTES = 256 * 1024

/** What may wait in a connection: a stream's chunk, and answers to a peer that asks and does not read them. */
const CONNECTION_BYTES = 1024 * 1024

interface Bytes {
  readonly byteLength: number
  sublist(start: number, end: number): Bytes
}

interface Sender {
  sendData(data: Bytes): { sentBytes: number; canSendMore: boolean }
}

/** The part of js yamux's muxer that is used. */
interface Muxer {
  _newStream(...args: readonly unknown[]): object
  send(frame: unknown): boolean
}

/** The part of the connection under it. */
export interface BackloggedConnection {
  readonly writableNeedsDrain: boolean
  readonly writeBufferLength: number
  abort(error: Error): void
}

function isMuxer(muxer: object): muxer is Muxer {
  return ['_newStream', 'send'].every((method) => typeof Reflect.get(muxer, method) === 'function')
}

function isSender(stream: object): stream is Sender {
  return typeof Reflect.get(stream, 'sendData') === 'function'
}

/**
 * A stream of js yamux 8 sends at each window update, as much as its peer says, though the connection takes no more: a peer that opens its
 * windows and reads nothing makes the connection keep whatever is sent, where no budget sees it. Here what waits stays in its
 * stream, and a peer that does not read what it asks for itself, as answers to pings, loses its connection.
 *
 * @param onSlowPeer called when a connection is given up because its peer does not read
 * @throws Error when this js yamux sends elsewhere: then this piece has to be looked at again
 */
export function keepBacklogInStreams(muxer: object, connection: BackloggedConnection, onSlowPeer: () => void): void {
  if (!isMuxer(muxer)) throw new Error('this yamux makes its streams and sends its frames elsewhere')
  const make = muxer._newStream.bind(muxer)
  muxer._newStream = (...args) => {
    const stream = make(...args)
    if (!isSender(stream)) throw new Error('this yamux sends its data elsewhere')
    const sendData = stream.sendData.bind(stream)
    stream.sendData = (data) => {
      // The stream is told when the connection takes more.
      if (connection.writableNeedsDrain) return { sentBytes: 0, canSendMore: false }
      return sendData(data.byteLength > CHUNK_BYTES ? data.sublist(0, CHUNK_BYTES) : data)
    }
    return stream
  }
  const send = muxer.send.bind(muxer)
  muxer.send = (frame) => {
    const canSendMore = send(frame)
    if (!canSendMore && connection.writeBufferLength > CONNECTION_BYTES) {
      onSlowPeer()
      connection.abort(new Error('the peer does not read what it is sent'))
    }
    return canSendMore
  }
}
