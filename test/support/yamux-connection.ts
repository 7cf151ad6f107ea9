import { yamux } from '@chainsafe/libp2p-yamux'
import type { MultiaddrConnection, Stream } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { onTestFinished } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { quickNoise } from '../../src/swarm/mend-noise.ts'
import { READ_BYTES } from '../../src/swarm/mend-socket-reads.ts'
import { readDirectly } from '../../src/swarm/mend-tcp-reads.ts'

export const HEADER_BYTES = 12
export const [SYN, FIN, RST] = [1, 4, 8]
export const [DATA, WINDOW_UPDATE, PING, NO_TYPE] = [0, 1, 2, 9]

export interface Layer {
  onData(data: Uint8Array | Uint8ArrayList): void
}

async function encrypter() {
  const privateKey = await swarmKey(undefined)
  const peerId = peerIdFromPrivateKey(privateKey)
  return quickNoise()({ privateKey, peerId, logger: defaultLogger(), upgrader: {} } as never)
}

/**
 * Gives what comes to a layer on in pieces of these sizes, one after the other and from the beginning again: in one buffer, where each
 * overwrites the one before, as a socket is read.
 */
function cut(layer: Layer, sizes: readonly number[]): void {
  const onData = layer.onData.bind(layer)
  const buffer = Buffer.alloc(READ_BYTES)
  let rest = new Uint8Array()
  let turn = 0
  layer.onData = (data) => {
    rest = Buffer.concat([rest, data.subarray()])
    while (rest.length > 0) {
      const size = sizes[turn++ % sizes.length] ?? 1
      const piece = rest.subarray(0, size)
      buffer.set(piece)
      onData(buffer.subarray(0, piece.length))
      buffer.fill(0xff, 0, piece.length)
      rest = rest.subarray(size)
    }
  }
}

/** Ours is a real js yamux over a real js noise, theirs too; ours reads directly. */
export async function connect(sizes?: readonly number[]) {
  const [transport, wire] = multiaddrConnectionPair()
  const options = { skipStreamMuxerNegotiation: true }
  const [{ connection: ours }, { connection: theirs }] = await Promise.all([
    (await encrypter()).secureOutbound(transport, options),
    (await encrypter()).secureInbound(wire, options),
  ])
  const muxer = yamux()().createStreamMuxer(ours)
  readDirectly(muxer, ours)
  if (sizes) cut(transport as MultiaddrConnection & Layer, sizes)
  onTestFinished(() => {
    for (const each of [ours, theirs]) each.abort(new Error('over'))
  })
  return { ours, theirs, transport, muxer }
}

/** What streams bring that the other side opens, by their order. */
export function received(muxer: {
  addEventListener(type: 'stream', listener: (event: { detail: Stream }) => void): void
}) {
  const streams: Buffer[] = []
  muxer.addEventListener('stream', ({ detail }) => {
    const at = streams.push(Buffer.alloc(0)) - 1
    detail.addEventListener(
      'message',
      ({ data }) => (streams[at] = Buffer.concat([streams[at] ?? Buffer.alloc(0), data.subarray()])),
    )
  })
  return streams
}

export interface Header {
  type: number
  length: number
  /** Even: the other side accepted the connection. */
  stream?: number
  flag?: number
  version?: number
}

export function header({ type, length, stream = 2, flag = SYN, version = 0 }: Header): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt8(version, 0)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(flag, 2)
  bytes.writeUInt32BE(stream, 4)
  bytes.writeUInt32BE(length, 8)
  return bytes
}
