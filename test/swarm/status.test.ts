import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { compressSync } from 'snappy'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/swarm/snappy-frame.ts'
import { parseStatusRequest, STATUS_BODY_BYTES, STATUS_PROTOCOL, statusResponse } from '../../src/swarm/status-codec.ts'
import { type PlainPeer, startPlainPeer } from '../support/plain-peer.ts'
import { startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const STATUS = randomBytes(STATUS_BODY_BYTES)
const requestOf = (body: Uint8Array) => Buffer.concat([Buffer.of(body.length), encodeFrame(body)])
/** An asker has 5 s. */
const CUT_OFF_MS = 8000

const open = ({ libp2p }: PlainPeer) =>
  libp2p.getConnections()[0]?.newStream(STATUS_PROTOCOL) ?? expect.fail('not connected')

/** What the far side wrote until it ended, chunk by chunk. */
async function answers(stream: Stream): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk.subarray()))
  return chunks
}

/** What askers are answered who ask at the same time. None of them keeps its stream, also where others find no room for theirs. */
async function askAtOnce(peer: PlainPeer, askers: number): Promise<Buffer[][]> {
  const opening = await Promise.allSettled(Array.from({ length: askers }, () => open(peer)))
  const streams = opening.flatMap((opened) => (opened.status === 'fulfilled' ? [opened.value] : []))
  try {
    for (const stream of streams) stream.send(requestOf(STATUS))
    const [answered] = await Promise.all([
      Promise.all(streams.map(answers)),
      ...streams.map((stream) => stream.close()),
    ])
    return answered
  } finally {
    for (const stream of streams) stream.abort(new Error('no longer needed'))
  }
}

describe('status', () => {
  it('is read from a request in pieces of any size', () => {
    const request = requestOf(STATUS)
    for (let length = 0; length < request.length; length++) {
      expect(parseStatusRequest(request.subarray(0, length)), `after ${length} bytes`).toBeUndefined()
    }
    expect(parseStatusRequest(request)).toEqual(STATUS)
  })

  it('is answered with its code, its length and its frame', () => {
    const response = statusResponse(STATUS)
    expect([...response.subarray(0, 2)]).toEqual([0, STATUS_BODY_BYTES])
    expect(decodeFrame(response.subarray(2), STATUS_BODY_BYTES)).toEqual(STATUS)
  })

  it('of another length, or longer than can be, is no request', () => {
    expect(() => parseStatusRequest(requestOf(STATUS.subarray(1)))).toThrow('wrong body length')
    expect(() => parseStatusRequest(Buffer.concat([requestOf(STATUS), Buffer.alloc(1024)]))).toThrow('too long')
  })
})

describe.each(['quic', 'tcp'] as const)('a swarm that is asked for its Status over %s', (transport) => {
  let peer: PlainPeer
  let swarm: TestSwarm
  beforeAll(async () => {
    peer = await startPlainPeer({ transport })
    swarm = await startTestSwarm()
    const { peerId, addresses } = swarm.target(transport)
    await peer.libp2p.dial(addresses.map((address) => multiaddr(`${address}/p2p/${peerId}`)))
  })
  afterAll(async () => {
    await peer[Symbol.asyncDispose]()
    await swarm[Symbol.asyncDispose]()
  })

  it.each([
    ['in one piece', STATUS_BODY_BYTES * 4],
    ['byte by byte', 1],
  ])('echoes the asker when the request comes %s, in one write', async (_, pieceBytes) => {
    const stream = await open(peer)
    const request = requestOf(STATUS)
    for (let at = 0; at < request.length; at += pieceBytes) stream.send(request.subarray(at, at + pieceBytes))
    const answering = answers(stream)
    await stream.close()
    expect(await answering).toEqual([statusResponse(STATUS)])
  })

  it.each([
    ['of another length', requestOf(randomBytes(81))],
    ['that is no frame', Buffer.from([STATUS_BODY_BYTES, ...Buffer.from('this is no snappy frame')])],
    ['that is a raw block', Buffer.concat([Buffer.of(STATUS_BODY_BYTES), compressSync(STATUS)])],
    ['that never gets to its body', Buffer.concat([Buffer.of(STATUS_BODY_BYTES, 0xff, 6, 0, 0), Buffer.alloc(4096)])],
  ])('answers code 1 to a request %s', async (_, request) => {
    const stream = await open(peer)
    stream.send(request)
    const answering = answers(stream)
    await stream.close()
    expect(Buffer.concat(await answering)).toEqual(Buffer.of(1))
  })

  it('answers code 1 to a request that ends early', async () => {
    const stream = await open(peer)
    stream.send(requestOf(STATUS).subarray(0, 40))
    const answering = answers(stream)
    await stream.close()
    expect(Buffer.concat(await answering)).toEqual(Buffer.of(1))
  })
})

it('a swarm counts what it answered, and cuts off askers that say nothing or leave their side open', async () => {
  await using peer = await startPlainPeer()
  await using swarm = await startTestSwarm({ peers: [{ peerId: peer.id, addresses: peer.addresses }] })
  await swarm.until('connected', ({ connectedPeers }) => connectedPeers.length === 1)
  const startedAt = performance.now()
  const streams = [await open(peer), await open(peer), await open(peer), await open(peer)]
  const [silent, ...others] = streams as [Stream, ...Stream[]]
  for (const stream of others) {
    stream.send(stream === streams.at(-1) ? Buffer.from('nonsense') : requestOf(STATUS))
    await answers(stream)
  }
  const count = (result: string) => swarm.counter('leanmesh_status_requests_total', { result })
  expect([count('answered'), count('invalid')]).toEqual([2, 1])

  await answers(silent).catch(() => undefined)
  expect(performance.now() - startedAt).toBeLessThan(CUT_OFF_MS)
  expect(count('invalid')).toBe(2)
  // As many as one asker may have at once were open: there is room again for all of them.
  await vi.waitFor(async () =>
    expect(await askAtOnce(peer, streams.length)).toEqual(streams.map(() => [statusResponse(STATUS)])),
  )
  expect(swarm.swarm.snapshot().connectedPeers, 'only streams were ended').toEqual([peer.id])
})
