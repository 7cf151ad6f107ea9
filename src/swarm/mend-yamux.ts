import { yamux } from '@chainsafe/libp2p-yamux'
import type { StreamMuxerFactory } from '@libp2p/interface'
import { writeTogether } from './mend-noise.ts'
import { createSilenceWatch } from './mend-silent-yamux.ts'
import { readDirectly } from './mend-tcp-reads.ts'
import { keepBacklogInStreams } from './mend-yamux-backlog.ts'
import { grantByHalves } from './mend-yamux-windows.ts'

/**
 * js yamux 8 sends data frames as large as the receiver's window, whatever its `maxMessageSize` says. rust-yamux closes
 * the connection at a frame beyond 1 MiB, once its window has grown that far: so frames are split here. Each is one frame of
 * Noise, and below the 64 KiB that a socket takes before it says that it is full.
 */
const MAX_FRAME_BYTES = 63 * 1024
const DATA_FRAME = 0

interface FrameHeader {
  type: number
  flag: number
  streamID: number
  /** Of the data that follow, in bytes; of another meaning in frames that are not data frames. */
  length: number
}

interface FrameData {
  byteLength: number
  sublist(start: number, end: number): FrameData
}

/** The part of js yamux's muxer that sends; its streams call it, and they are created after this. */
interface FrameSender {
  sendFrame(header: FrameHeader, data?: FrameData): boolean
}

export function splitFrames(muxer: FrameSender): void {
  const send = muxer.sendFrame.bind(muxer)
  muxer.sendFrame = (header, data) => {
    if (header.type !== DATA_FRAME || !data || data.byteLength <= MAX_FRAME_BYTES) return send(header, data)
    let canSendMore = true
    for (let start = 0; start < data.byteLength; start += MAX_FRAME_BYTES) {
      const piece = data.sublist(start, Math.min(start + MAX_FRAME_BYTES, data.byteLength))
      // Flags open or acknowledge a stream: once.
      canSendMore = send({ ...header, flag: start === 0 ? header.flag : 0, length: piece.byteLength }, piece)
    }
    return canSendMore
  }
}

/**
 * Yamux that every implementation can receive, and whose backlog is bounded.
 *
 * @param onSlowPeer called when a connection is given up because its peer does not read
 * @throws Error when a muxer of this js yamux sends its frames elsewhere: then this piece has to be looked at again
 */
export function interoperableYamux(onSlowPeer: () => void): () => StreamMuxerFactory {
  const endWhenSilent = createSilenceWatch()
  return () => {
    const factory = yamux()()
    const create = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => {
      const muxer = create(connection)
      if (typeof Reflect.get(muxer, 'sendFrame') !== 'function') throw new Error('this yamux does not send frames here')
      splitFrames(muxer as unknown as FrameSender)
      grantByHalves(muxer)
      keepBacklogInStreams(muxer, connection, onSlowPeer)
      readDirectly(muxer, connection)
      endWhenSilent(muxer, connection)
      writeTogether(connection)
      return muxer
    }
    return factory
  }
}
