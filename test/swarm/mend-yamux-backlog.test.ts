import { yamux } from '@chainsafe/libp2p-yamux'
import type { Stream } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { keepBacklogInStreams } from '../../src/swarm/mend-yamux-backlog.ts'

const MIB = 1024 * 1024
const [DATA, WINDOW_UPDATE, PING] = [0, 1, 2]
const SYN = 1
const turn = () => new Promise(setImmediate)
const HEADER_BYTES = 12

/** As the specification of yamux has it: version, type, flags, stream, length. */
function frame(type: number, flags: number, streamId: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt32BE(streamId, 4)
  bytes.writeUInt32BE(length, 8)
  return bytes
}

/** What the data frames among these frames hold, as far as they are whole. */
function dataOf(frames: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + HEADER_BYTES <= frames.length;) {
    const length = frames[at + 1] === DATA ? frames.readUInt32BE(at + 8) : 0
    parts.push(frames.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length))
    at += HEADER_BYTES + length
  }
  return Buffer.concat(parts)
}

/** Ours is a real js yamux; the peer says what it likes. */
function connect() {
  const [ours, theirs] = multiaddrConnectionPair()
  const muxer = yamux()().createStreamMuxer(ours)
  const onSlowPeer = vi.fn<() => void>()
  keepBacklogInStreams(muxer, ours, onSlowPeer)
  onTestFinished(() => ours.abort(new Error('over')))
  return { ours, theirs, muxer, onSlowPeer }
}

async function openStream(): Promise<ReturnType<typeof connect> & { stream: Stream }> {
  const pair = connect()
  return { ...pair, stream: await pair.muxer.createStream() }
}

describe('what a peer does not read', () => {
  it('stays in the stream, however far the peer opens its window, and comes when it reads', async () => {
    const { ours, theirs, stream, onSlowPeer } = await openStream()
    const openWindow = async () => {
      theirs.send(frame(WINDOW_UPDATE, 0, Number(stream.id), 16 * MIB))
      await turn()
    }
    await openWindow()
    theirs.pause()
    for (let sent = 0; sent < 8; sent++) {
      stream.send(new Uint8Array(MIB).fill(sent))
      await openWindow()
    }
    expect(ours.writeBufferLength).toBeLessThanOrEqual(MIB)
    expect(stream.writeBufferLength).toBeGreaterThan(7 * MIB)
    const received: Uint8Array[] = []
    theirs.addEventListener('message', ({ data }) => void received.push(data.slice()))
    theirs.resume()
    const data = () => dataOf(Buffer.concat(received))
    await vi.waitFor(() => expect(data().length).toBe(8 * MIB), 10_000)
    expect(data().equals(Buffer.concat(Array.from({ length: 8 }, (_, sent) => Buffer.alloc(MIB, sent))))).toBe(true)
    expect(onSlowPeer).not.toHaveBeenCalled()
  })

  it('of answers to its pings, ends its connection, and is counted once', async () => {
    const { ours, theirs, onSlowPeer } = await openStream()
    theirs.pause()
    theirs.send(Buffer.concat(Array.from({ length: 120_000 }, (_, id) => frame(PING, SYN, 0, id))))
    await vi.waitFor(() => expect(ours.status).toBe('aborted'), 10_000)
    expect(onSlowPeer).toHaveBeenCalledTimes(1)
  })
})

it('a yamux that sends elsewhere cannot be mended, and that is said', () => {
  const { ours } = connect()
  expect(() => keepBacklogInStreams({}, ours, () => undefined)).toThrow('sends its frames elsewhere')
  const muxer = { _newStream: () => ({}), send: () => true }
  keepBacklogInStreams(muxer, ours, () => undefined)
  expect(() => muxer._newStream()).toThrow('sends its data elsewhere')
})
