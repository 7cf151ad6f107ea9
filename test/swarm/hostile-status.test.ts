/** Peers whose Status is none, or has no end: each request to them ends soon, is counted, and costs little. */
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { askStatus, type StatusOutcome } from '../../src/swarm/ask-status.ts'
import { encodeFrame } from '../../src/swarm/snappy-frame.ts'
import { parseStatusResponse, statusResponse } from '../../src/swarm/status-codec.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { readAll, startStatusPeer, type StatusHandler } from '../support/status-peer.ts'
import { statusBody } from '../support/status-body.ts'
import { startTestSwarm } from '../support/test-swarm.ts'

const BODY = statusBody()
const RESPONSE = statusResponse(BODY)
const ANSWERED: StatusOutcome = { result: 'answered', body: BODY }
const KIB = 1024
const DEADLINE_MS = 5000

/** With one bit of its checksum turned. */
function wrongChecksum(): Buffer {
  const response = Buffer.from(RESPONSE)
  const checksumAt = 2 + 10 + 4
  response.writeUInt8(response.readUInt8(checksumAt) ^ 1, checksumAt)
  return response
}

/** Writes until it is cut off. */
async function pour(stream: Stream, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (stream.writeStatus !== 'writable') return
    stream.send(piece)
    // Its muxer takes all that it is given at once, for ever.
    await nextTurn()
  }
}

function* forever(piece: Uint8Array): Iterable<Uint8Array> {
  for (;;) yield piece
}

interface Asked {
  outcome: StatusOutcome
  tookMs: number
  /** Of the asker's streams of this protocol, how many are left. */
  streamsLeft: number
}

async function ask(peer: PlainPeer, signal = new AbortController().signal): Promise<Asked> {
  await using asker = await startPlainPeer({ gossip: false })
  const connection = await asker.libp2p.dial(peer.libp2p.getMultiaddrs())
  const startedAt = performance.now()
  const outcome = await askStatus(connection, Buffer.alloc(80), signal)
  const tookMs = performance.now() - startedAt
  return {
    outcome,
    tookMs,
    streamsLeft: connection.streams.filter(({ protocol }) => protocol.includes('status')).length,
  }
}

describe.each(['quic', 'tcp'] as const)('over %s, a peer that answers', (transport) => {
  const start = (handler: StatusHandler) => startStatusPeer(handler, { transport, gossip: false })

  it.each<[what: string, writes: Uint8Array[], result: string]>([
    ['in one piece', [RESPONSE], 'answered'],
    ['in several writes', [RESPONSE.subarray(0, 1), RESPONSE.subarray(1, 2), RESPONSE.subarray(2)], 'answered'],
    ['one byte at a time', [...RESPONSE].map((byte) => Buffer.of(byte)), 'answered'],
    ['in a chunk that is not compressed', [Buffer.concat([RESPONSE.subarray(0, 12), uncompressedChunk()])], 'answered'],
    ['with more than a Status', [RESPONSE, randomBytes(100)], 'answered'],
    ['that its request is invalid', [Buffer.of(1)], 'refused'],
    ['that it has an error', [Buffer.of(2, 5), encodeFrame(Buffer.from('error'))], 'refused'],
    ['that it has no Status', [Buffer.of(3)], 'refused'],
    ['with a code that nobody knows', [Buffer.of(77)], 'invalid'],
    ['with a code and nothing more', [Buffer.of(0)], 'invalid'],
    ['with half a Status', [RESPONSE.subarray(0, 40)], 'invalid'],
    ['with a Status of 79 bytes', [Buffer.of(0, 79), encodeFrame(BODY.subarray(1))], 'invalid'],
    ['with a Status that is longer than it says', [Buffer.of(0, 80), encodeFrame(randomBytes(81))], 'invalid'],
    ['with a raw block', [Buffer.of(0, 80), compressSync(BODY)], 'invalid'],
    ['with a wrong checksum', [wrongChecksum()], 'invalid'],
    ['with a bomb', [Buffer.of(0, 80), encodeFrame(Buffer.alloc(64 * KIB))], 'invalid'],
    ['with noise', [Buffer.concat([Buffer.of(0), randomBytes(900)])], 'invalid'],
    ['nothing', [], 'failed'],
  ])('%s', async (_, writes, result) => {
    await using peer = await start(async (stream) => {
      await readAll(stream)
      for (const piece of writes) stream.send(piece)
      await stream.close()
    })
    const { outcome, tookMs, streamsLeft } = await ask(peer)
    expect(outcome).toEqual(result === 'answered' ? ANSWERED : { result })
    expect(streamsLeft).toBe(0)
    expect(tookMs).toBeLessThan(2000)
  })

  it('and leaves its side open is believed, and its stream is ended', async () => {
    await using peer = await start(async (stream) => void stream.send(RESPONSE))
    const { outcome, tookMs, streamsLeft } = await ask(peer)
    expect({ outcome, streamsLeft }).toEqual({ outcome: ANSWERED, streamsLeft: 0 })
    expect(tookMs).toBeLessThan(2000)
  })

  it('with a reset has failed', async () => {
    await using peer = await start(async (stream) => stream.abort(new Error('no')))
    expect(await ask(peer)).toMatchObject({ outcome: { result: 'failed' }, streamsLeft: 0 })
  })

  it('nothing, and waits, is given up after 5 s', async () => {
    await using peer = await start(async () => undefined)
    const { outcome, tookMs, streamsLeft } = await ask(peer)
    expect({ outcome, streamsLeft }).toEqual({ outcome: { result: 'timeout' }, streamsLeft: 0 })
    expect(tookMs).toBeGreaterThan(DEADLINE_MS - 50)
    expect(tookMs).toBeLessThan(DEADLINE_MS + 1000)
  })

  it.each([
    ['with 1 MiB', 16],
    ['without end', Infinity],
  ])('%s is cut off at once', async (_, count) => {
    const piece = Buffer.concat([Buffer.of(0, 80), Buffer.alloc(64 * KIB - 2, 0xff)])
    await using peer = await start(async (stream) => {
      const pieces = count === Infinity ? forever(piece) : Array.from({ length: count }, () => piece)
      await pour(stream, pieces)
    })
    const { outcome, tookMs, streamsLeft } = await ask(peer)
    expect({ outcome, streamsLeft }).toEqual({ outcome: { result: 'invalid' }, streamsLeft: 0 })
    expect(tookMs).toBeLessThan(2000)
  })

  it('without end, byte by byte, is cut off after 1 KiB', async () => {
    await using peer = await start(async (stream) => {
      stream.send(Buffer.of(0, 80, 0xff, 6, 0, 0, ...Buffer.from('sNaPpY')))
      // Chunks that a reader has to skip.
      await pour(stream, forever(Buffer.of(0x80, 0, 0, 0)))
    })
    const { tookMs, ...asked } = await ask(peer)
    expect(asked).toEqual({ outcome: { result: 'invalid' }, streamsLeft: 0 })
    expect(tookMs).toBeLessThan(2000)
  })
})

function uncompressedChunk(): Buffer {
  // Behind the frame's identifier, the kind and the size, a compressed chunk begins with the checksum of the body.
  const checksum = RESPONSE.subarray(16, 20)
  return Buffer.concat([Buffer.of(1, 84, 0, 0), checksum, BODY])
}

it('a peer that grants no stream is given up after 5 s, or when the swarm stops', async () => {
  const connection = { newStream: () => new Promise(() => undefined) } as unknown as Connection
  const stopping = new AbortController()
  const waiting = askStatus(connection, Buffer.alloc(80), new AbortController().signal)
  const stopped = askStatus(connection, Buffer.alloc(80), stopping.signal)
  stopping.abort()
  expect(await stopped).toEqual({ result: 'failed' })
  expect(await waiting).toEqual({ result: 'timeout' })
})

it('a response is read whatever the pieces are that it comes in', () => {
  for (let length = 0; length < RESPONSE.length; length++) {
    expect(parseStatusResponse(RESPONSE.subarray(0, length)), `after ${length} bytes`).toBeUndefined()
  }
  expect(parseStatusResponse(RESPONSE)).toEqual(ANSWERED)
})

it.each([
  ['more than 2^53', 2n ** 53n + 1n],
  ['the largest that there is', 2n ** 64n - 1n],
  ['an hour ahead of the clock', 900],
])('a Status whose slot is %s is counted as invalid and is no head', async (_, headSlot) => {
  await using peer = await startStatusPeer(async (stream) => {
    await readAll(stream)
    stream.send(statusResponse(statusBody({ headSlot })))
    await stream.close()
  })
  const genesisTimeSeconds = Math.floor(Date.now() / 1000)
  const peers = [{ peerId: peer.id, addresses: peer.addresses }]
  await using swarm = await startTestSwarm({ peers, statusIntervalMs: 300, genesisTimeSeconds })
  swarm.swarm.setNames(new Map([[peer.id, 'zeam_0']]))
  const isCounted = () => swarm.counter('leanmesh_status_queries_total', { result: 'invalid' }) > 0
  const { heads, connectedPeers } = await swarm.until('counted', isCounted)
  expect({ heads, connectedPeers }).toEqual({ heads: [], connectedPeers: [peer.id] })
})
