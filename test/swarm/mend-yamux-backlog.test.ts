import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, MultiaddrConnection } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { quickNoise } from '../../src/swarm/mend-noise.ts'
import { keepBacklogInStreams } from '../../src/swarm/mend-yamux-backlog.ts'

const MIB = 1024 * 1024
/** A stream's chunk, encrypted, and a little. */
const IN_CONNECTION = 300 * 1024
/** 256 of 30 bytes, and those that made the connection full. */
const ANSWERS = 80 * 1024
const PIECE_BYTES = 64 * 1024
const [DATA, WINDOW_UPDATE, PING] = [0, 1, 2]
const SYN = 1
const HEADER_BYTES = 12
const turn = () => new Promise(setImmediate)

/** As the specification of yamux has it: version, type, flags, stream, length. */
function frame(type: number, flags: number, streamId: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt32BE(streamId, 4)
  bytes.writeUInt32BE(length, 8)
  return bytes
}

/** What the data frames of a stream hold, as far as they are whole. */
function dataOf(frames: Buffer, streamId: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + HEADER_BYTES <= frames.length;) {
    const length = frames[at + 1] === DATA ? frames.readUInt32BE(at + 8) : 0
    const data = frames.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length)
    if (frames.readUInt32BE(at + 4) === streamId) parts.push(data)
    at += HEADER_BYTES + length
  }
  return Buffer.concat(parts)
}

async function encrypter() {
  const privateKey = await swarmKey(undefined)
  const peerId = peerIdFromPrivateKey(privateKey)
  return quickNoise()({ privateKey, peerId, logger: defaultLogger(), upgrader: {} } as never)
}

interface Transport {
  sendData(data: Uint8ArrayList): { sentBytes: number; canSendMore: boolean }
}

/** As a socket does: a piece is written, and the rest waits until the peer has read it. */
function takeInPieces(transport: Transport): void {
  const sendData = transport.sendData.bind(transport)
  transport.sendData = (data) => {
    const piece = data.sublist(0, Math.min(data.byteLength, PIECE_BYTES))
    return sendData(piece)
  }
}

/** Ours is a real js yamux over a real js noise; the peer says what it likes, and reads when it likes. */
async function connect() {
  const [transport, wire] = multiaddrConnectionPair({ capacity: 1 })
  takeInPieces(transport as MultiaddrConnection & Transport)
  const options = { skipStreamMuxerNegotiation: true }
  const [{ connection: ours }, { connection: theirs }] = await Promise.all([
    (await encrypter()).secureOutbound(transport, options),
    (await encrypter()).secureInbound(wire, options),
  ])
  const muxer = yamux()().createStreamMuxer(ours)
  const onSlowPeer = vi.fn<() => void>()
  keepBacklogInStreams(muxer, ours, onSlowPeer)
  onTestFinished(() => ours.abort(new Error('over')))
  const received: Uint8Array[] = []
  theirs.addEventListener('message', ({ data }) => void received.push(data.slice()))
  const unsent = () => [ours, transport].reduce((sum, { writeBufferLength }) => sum + writeBufferLength, 0)
  const read = (streamId: string) => dataOf(Buffer.concat(received), Number(streamId))
  return { ours, theirs, wire, muxer, onSlowPeer, unsent, read }
}

async function openWindow(theirs: MessageStream, streamId: string): Promise<void> {
  theirs.send(frame(WINDOW_UPDATE, 0, Number(streamId), 16 * MIB))
  await turn()
}

describe('what a peer does not read', () => {
  it('stays in the stream, however far the peer opens its window, and comes when it reads', async () => {
    const { theirs, wire, muxer, unsent, read, onSlowPeer } = await connect()
    const stream = await muxer.createStream()
    await openWindow(theirs, stream.id)
    wire.pause()
    for (let sent = 0; sent < 8; sent++) {
      stream.send(new Uint8Array(MIB).fill(sent))
      await openWindow(theirs, stream.id)
    }
    expect(unsent()).toBeLessThan(IN_CONNECTION)
    expect(stream.writeBufferLength).toBeGreaterThan(7 * MIB)
    wire.resume()
    await vi.waitFor(() => expect(read(stream.id).length).toBe(8 * MIB), 10_000)
    expect(read(stream.id).equals(Buffer.concat(Array.from({ length: 8 }, (_, at) => Buffer.alloc(MIB, at))))).toBe(
      true,
    )
    expect(onSlowPeer).not.toHaveBeenCalled()
  })

  it('stays there when it reads a little now and then', async () => {
    const { theirs, wire, muxer, unsent, read, onSlowPeer } = await connect()
    const stream = await muxer.createStream()
    await openWindow(theirs, stream.id)
    wire.pause()
    stream.send(new Uint8Array(8 * MIB))
    for (let reads = 0; reads < 8; reads++) {
      const before = read(stream.id).length
      wire.resume()
      await vi.waitFor(() => expect(read(stream.id).length).toBeGreaterThan(before), { timeout: 10_000, interval: 1 })
      wire.pause()
      await openWindow(theirs, stream.id)
      expect(unsent()).toBeLessThan(IN_CONNECTION)
    }
    expect(onSlowPeer).not.toHaveBeenCalled()
    wire.resume()
    await vi.waitFor(() => expect(read(stream.id).length).toBe(8 * MIB), 10_000)
  })

  it('of one stream does not keep another waiting until all of it was read', async () => {
    const { theirs, wire, muxer, read } = await connect()
    const [large, small] = [await muxer.createStream(), await muxer.createStream()]
    await openWindow(theirs, large.id)
    wire.pause()
    large.send(new Uint8Array(8 * MIB))
    small.send(Uint8Array.of(7))
    wire.resume()
    await vi.waitFor(() => expect(read(small.id)).toEqual(Buffer.of(7)), { timeout: 10_000, interval: 1 })
    expect(read(large.id).length).toBeLessThan(4 * MIB)
    await vi.waitFor(() => expect(read(large.id).length).toBe(8 * MIB), 10_000)
  })

  it('of answers to its pings, ends its connection, and is counted once', async () => {
    const { ours, theirs, wire, unsent, onSlowPeer } = await connect()
    wire.pause()
    let most = 0
    for (let sent = 0; sent < 30 && ours.status === 'open'; sent++) {
      theirs.send(Buffer.concat(Array.from({ length: 1000 }, (_, id) => frame(PING, SYN, 0, id))))
      await turn()
      most = Math.max(most, unsent())
    }
    await vi.waitFor(() => expect(ours.status).toBe('aborted'), 10_000)
    expect(onSlowPeer).toHaveBeenCalledTimes(1)
    expect(most).toBeLessThan(ANSWERS)
  })

  it('of answers to its pings is bounded though they come in one turn', async () => {
    const { ours, wire, muxer, unsent, onSlowPeer } = await connect()
    wire.pause()
    const pings = Buffer.concat(Array.from({ length: 80_000 }, (_, id) => frame(PING, SYN, 0, id)))
    ;(muxer as unknown as { onData(data: Uint8Array): void }).onData(pings)
    expect(unsent()).toBeLessThan(ANSWERS)
    await vi.waitFor(() => expect(ours.status).toBe('aborted'), 10_000)
    expect(onSlowPeer).toHaveBeenCalledTimes(1)
  })
})

it('a yamux or a noise that keeps what it sends elsewhere cannot be mended, and that is said', async () => {
  const layer = { writableNeedsDrain: false, writeBufferLength: 0 }
  const connection = { ...layer, stream: layer }
  const muxer = { streams: [], _newStream: () => ({}), send: () => true }
  const ignore = () => undefined
  expect(() => keepBacklogInStreams({}, connection, ignore)).toThrow('sends its frames elsewhere')
  expect(() => keepBacklogInStreams(muxer, layer, ignore)).toThrow('keeps what it has not sent elsewhere')
  keepBacklogInStreams(muxer, connection, ignore)
  expect(() => muxer._newStream()).toThrow('sends its data elsewhere')
})
