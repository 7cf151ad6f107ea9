/** What a swarm learns of the chains of its named peers, and what it says to them for it. */
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { parseStatusRequest, STATUS_PROTOCOL, statusRequest } from '../../src/swarm/status-codec.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { Heads } from '../../src/swarm/heads.ts'
import type { PlainPeer } from '../support/plain-peer.ts'
import { answering, readAll, startStatusPeer } from '../support/status-peer.ts'
import { statusBody } from '../support/status-body.ts'
import { startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const ZEROS = Buffer.alloc(80)
const INTERVAL_MS = 400
/** The code of who has no Status. */
const REFUSAL = 3

/** A swarm that dials these peers, of which the first is named. */
async function observing(peers: PlainPeer[], statusIntervalMs = INTERVAL_MS): Promise<TestSwarm> {
  const targets = peers.map(({ id, addresses }) => ({ peerId: id, addresses }))
  const swarm = await startTestSwarm({ peers: targets, statusIntervalMs })
  swarm.swarm.setNames(new Map([[peers[0]?.id ?? '', 'zeam_0']]))
  return swarm
}

const queries = (swarm: TestSwarm, result: string) => swarm.counter('leanmesh_status_queries_total', { result })

/** A peer that tells `body()`, and what it was sent. */
async function telling(body: () => Uint8Array) {
  const requests: Buffer[] = []
  const peer = await startStatusPeer(
    answering(body, (request) => requests.push(parseStatusRequest(request) ?? expect.fail('no whole request'))),
  )
  return { peer, requests, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() }
}

describe('the head of a named peer', () => {
  it('is asked for with zeros first, then with what the peer itself said last', async () => {
    let body = statusBody()
    await using told = await telling(() => body)
    await using swarm = await observing([told.peer])
    const { heads } = await swarm.until('told', (snapshot) => snapshot.heads.length === 1)
    const root = (text: string) => text.padEnd(64, '0')
    expect(heads[0]).toEqual({
      peerId: told.peer.id,
      headSlot: 20,
      headRoot: root('c4'),
      finalizedSlot: 10,
      finalizedRoot: root('f1'),
      atMs: expect.any(Number),
    })
    const first = body
    body = statusBody({ headSlot: 21 })
    await swarm.until('told again', (snapshot) => snapshot.heads[0]?.headSlot === 21)
    expect(told.requests.slice(0, 2)).toEqual([ZEROS, first])
    // One may be on its way.
    await vi.waitFor(() => expect(queries(swarm, 'answered')).toBe(told.requests.length), { timeout: 5000 })
  })

  it('is nobody else asked for', async () => {
    await using named = await telling(statusBody)
    await using stranger = await telling(statusBody)
    await using swarm = await observing([named.peer, stranger.peer])
    await swarm.until('connected', ({ connectedPeers }) => connectedPeers.length === 2)
    await vi.waitFor(() => expect(named.requests.length).toBeGreaterThan(2), { timeout: 5000 })
    expect(stranger.requests).toEqual([])
    expect(swarm.swarm.snapshot().heads.map(({ peerId }) => peerId)).toEqual([named.peer.id])
  })

  it('ends when it leaves, and when it loses its name', async () => {
    await using told = await telling(statusBody)
    await using swarm = await observing([told.peer])
    await swarm.until('told', ({ heads }) => heads.length === 1)
    swarm.swarm.setNames(new Map())
    expect(swarm.swarm.snapshot().heads).toEqual([])
    swarm.swarm.setNames(new Map([[told.peer.id, 'zeam_0']]))
    await swarm.until('told again', ({ heads }) => heads.length === 1)
    await told.peer.libp2p.stop()
    const left = await swarm.until('left', ({ connectedPeers }) => connectedPeers.length === 0)
    expect(left.heads).toEqual([])
  })

  it('ends when it was not told for three intervals', async () => {
    let isSilent = false
    const handler = answering(statusBody)
    await using peer = await startStatusPeer(async (stream, connection) => {
      if (isSilent) stream.abort(new Error('no more'))
      else await handler(stream, connection)
    })
    await using swarm = await observing([peer])
    const { heads } = await swarm.until('told', (snapshot) => snapshot.heads.length === 1)
    const toldAt = heads[0]?.atMs ?? 0
    isSilent = true
    const ended = await swarm.until('ended', (snapshot) => snapshot.heads.length === 0)
    expect(ended.takenAtMs - toldAt).toBeGreaterThan(3 * INTERVAL_MS)
    expect(ended.connectedPeers).toEqual([peer.id])
    expect(queries(swarm, 'failed')).toBeGreaterThan(0)
  })

  it('is none of a peer that claims none, which has answered all the same', async () => {
    await using told = await telling(() => ZEROS)
    await using swarm = await observing([told.peer])
    await vi.waitFor(() => expect(queries(swarm, 'answered')).toBeGreaterThan(1), { timeout: 5000 })
    expect(swarm.swarm.snapshot().heads).toEqual([])
    expect(told.requests).toEqual(told.requests.map(() => ZEROS))
  })

  it('is learnt when the peer asks us, is echoed to it, and is what it is then asked with', async () => {
    const requests: (Buffer | undefined)[] = []
    await using peer = await startStatusPeer(async (stream) => {
      requests.push(parseStatusRequest(await readAll(stream)))
      stream.send(Buffer.of(REFUSAL))
      await stream.close()
    })
    await using swarm = await observing([peer], 2000)
    await swarm.until('connected', ({ connectedPeers }) => connectedPeers.length === 1)
    const asked = statusBody({ headSlot: 30 })
    const [connection = expect.fail('not connected')] = peer.libp2p.getConnections()
    const stream = await connection.newStream(STATUS_PROTOCOL)
    const answer = readAll(stream)
    stream.send(statusRequest(asked))
    await stream.close()
    expect(parseStatusRequest((await answer).subarray(1))).toEqual(asked)
    expect(swarm.swarm.snapshot().heads.map(({ headSlot }) => headSlot)).toEqual([30])
    await vi.waitFor(() => expect(requests).toContainEqual(asked), { timeout: 8000 })
    expect(queries(swarm, 'answered')).toBe(0)
  })

  it('is not asked for when that is switched off, and then none is known', async () => {
    await using told = await telling(statusBody)
    await using asking = await observing([told.peer], INTERVAL_MS)
    await using swarm = await observing([told.peer], 0)
    await swarm.until('connected', ({ connectedPeers }) => connectedPeers.length === 1)
    await vi.waitFor(() => expect(queries(asking, 'answered')).toBeGreaterThan(3), { timeout: 8000 })
    // One may be on its way.
    await vi.waitFor(() => expect(queries(asking, 'answered')).toBe(told.requests.length), { timeout: 5000 })
    expect(swarm.swarm.snapshot().heads).toEqual([])
  })
})

it('a peer without the protocol is counted, and asked less and less often', async () => {
  await using told = await telling(statusBody)
  await told.peer.libp2p.unhandle(STATUS_PROTOCOL)
  const startedAt = performance.now()
  await using swarm = await observing([told.peer], 200)
  await vi.waitFor(() => expect(queries(swarm, 'unsupported')).toBe(5), { timeout: 16_000 })
  // The pauses were 1, 2, 4 and 8 intervals, jitter off that, and not four of one.
  expect(performance.now() - startedAt).toBeGreaterThan(10 * 200)
  expect(swarm.swarm.snapshot().connectedPeers).toEqual([told.peer.id])
})

it('a swarm that stops ends the requests that wait, and counts none of them', async () => {
  await using peer = await startStatusPeer(async () => undefined)
  const swarm = await observing([peer])
  const streams = () => peer.libp2p.getConnections().flatMap((connection) => connection.streams)
  await vi.waitFor(() => expect(streams().some(({ protocol }) => protocol === STATUS_PROTOCOL)).toBe(true), {
    timeout: 5000,
  })
  const startedAt = performance.now()
  await swarm.swarm.stop()
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(['failed', 'timeout'].map((result) => queries(swarm, result))).toEqual([0, 0])
})

it('nobody is dialled for it', async () => {
  await using told = await telling(statusBody)
  await using swarm = await startTestSwarm({ statusIntervalMs: INTERVAL_MS })
  swarm.swarm.setNames(new Map([[told.peer.id, 'zeam_0']]))
  const [address] = swarm.target('quic').addresses
  await told.peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`))
  await swarm.until('told', ({ heads }) => heads.length === 1)
  const connections = told.peer.libp2p.getConnections()
  expect(connections.map(({ direction }) => direction)).toEqual(['outbound'])
})

it('who waits until fewer are asked is asked as soon as another was, and not at the next check', async () => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0)
  const peers = Array.from({ length: 9 }, (_, index) => `peer ${index}`)
  const connections = peers.map((peer) => ({ remotePeer: peer, status: 'closed' }) as unknown as Connection)
  const totals = createTotals()
  const heads = new Heads(
    { statusIntervalMs: 4000 },
    {
      libp2p: { getConnections: (peer) => connections.filter(({ remotePeer }) => (peer ?? remotePeer) === remotePeer) },
      totals,
      names: () => new Map(peers.map((peer) => [peer, peer])),
      genesisTime: () => undefined,
      now: () => performance.now(),
    },
  )
  const failed = () => totals.counter('leanmesh_status_queries_total', { result: 'failed' }).value
  try {
    heads.start()
    await vi.waitFor(() => expect(failed()).toBeGreaterThan(0), { timeout: 5000 })
    // What is done of one check is done before the next one comes, a second later.
    await new Promise((resolve) => setImmediate(resolve))
    expect(failed()).toBe(peers.length)
  } finally {
    await heads.stop()
    random.mockRestore()
  }
})
