/** What real peers make of connections, of the mesh and of forks, as the swarm counts it. */
import { describe, expect, test, vi } from 'vitest'
import type { PeerTarget } from '../../src/mesh/peer-target.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import type { Total } from '../../src/mesh/totals.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import { startRealPeer, type RealPeer, type RealPeerKind } from '../support/real-peer.ts'
import { LEAN_TOPICS, startRunningSidecar, type RunningSidecar } from '../support/running-sidecar.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const [BLOCK = ''] = LEAN_TOPICS
const KINDS: readonly RealPeerKind[] = ['rust', 'go']
/** QUIC's idle timeout, and then some. */
const SILENCE_MS = 9000

type Transport = 'quic' | 'tcp'
const LISTEN = { quic: '/ip4/127.0.0.1/udp/0/quic-v1', tcp: '/ip4/127.0.0.1/tcp/0' }

async function dialIn(peer: RealPeer, swarm: TestSwarm, transport: Transport): Promise<void> {
  await peer.dial(`${swarm.target(transport).addresses[0]}/p2p/${swarm.id}`)
}

function targetOf({ peerId, addresses }: RealPeer): PeerTarget {
  return { peerId, addresses: addresses.map((address) => address.replace(/\/p2p\/.*$/, '')) }
}

/** What was counted of a metric, without the zeros. */
function counted(swarm: TestSwarm, metric: string): Record<string, unknown> {
  const totals = swarm.swarm.snapshot().totals.filter((total) => total.metric === metric && total.value !== 0)
  const named = ({ labels }: Total) => Object.values(labels).filter((value) => value !== BLOCK)
  return Object.fromEntries(totals.map((total) => [named(total).join(' '), total.value]))
}

async function untilCounted(swarm: TestSwarm, metric: string, expected: Record<string, number>): Promise<void> {
  await vi.waitFor(() => expect(counted(swarm, metric)).toEqual(expected), { timeout: SILENCE_MS, interval: 50 })
}

const untilConnected = (swarm: TestSwarm, peer: RealPeer) =>
  swarm.until('connected', ({ connectedPeers }) => connectedPeers.includes(peer.peerId))

describe.each(KINDS)('a %s peer', (kind) => {
  test.each<[string, Transport, (peer: RealPeer, swarm: TestSwarm) => Promise<void>, string]>([
    ['is stopped', 'quic', async (peer) => peer.stop(), 'remote_close'],
    ['hangs up', 'quic', async (peer, swarm) => peer.disconnect(swarm.id), 'remote_close'],
    ['is killed', 'quic', async (peer) => peer.kill(), 'timeout'],
    ['is stopped', 'tcp', async (peer) => peer.stop(), 'remote_close'],
    ['is killed', 'tcp', async (peer) => peer.kill(), 'remote_close'],
  ])('that dials us and %s over %s is an inbound end of its kind', async (_, transport, leave, reason) => {
    await using swarm = await startTestSwarm()
    await using peer = await startRealPeer(kind, { topics: [BLOCK] })
    await dialIn(peer, swarm, transport)
    await swarm.until('meshed', meshIs(peer.peerId))
    expect(counted(swarm, 'lean_peer_connection_events_total')).toEqual({ 'inbound success': 1 })
    await leave(peer, swarm)
    await untilCounted(swarm, 'lean_peer_disconnection_events_total', { [`inbound ${reason}`]: 1 })
    await untilCounted(swarm, 'leanmesh_mesh_prunes_total', { disconnected: 1 })
  })

  test('that is dialled and goes is an outbound end, and the dials that follow are timeouts', async () => {
    await using peer = await startRealPeer(kind, { topics: [BLOCK], listen: [LISTEN.quic] })
    const target = {
      peerId: peer.peerId,
      addresses: peer.addresses.map((address) => address.replace(/\/p2p\/.*$/, '')),
    }
    await using swarm = await startTestSwarm({
      peers: [target],
      quic: { maxIdleTimeoutMs: 1500, keepAliveIntervalMs: 500 },
    })
    await untilConnected(swarm, peer)
    expect(counted(swarm, 'lean_peer_connection_events_total')).toEqual({ 'outbound success': 1 })
    await peer.kill()
    await untilCounted(swarm, 'lean_peer_disconnection_events_total', { 'outbound timeout': 1 })
    await vi.waitFor(
      () =>
        expect(counted(swarm, 'lean_peer_connection_events_total')).toEqual({
          'outbound success': 1,
          'outbound timeout': expect.any(Number) as number,
        }),
      { timeout: SILENCE_MS, interval: 50 },
    )
  })

  test('that leaves the topic is a prune of its own kind, and is backed off', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startRealPeer(kind, { topics: [BLOCK] })
    await dialIn(peer, swarm, 'quic')
    await swarm.until('meshed', meshIs(peer.peerId))
    expect(swarm.counter('leanmesh_mesh_grafts_total', { topic: BLOCK })).toBe(1)
    // Only who has us in its mesh says goodbye with a PRUNE, which may come in an RPC of its own.
    await peer.waitForState(({ mesh }) => mesh[BLOCK]?.length === 1)
    peer.unsubscribe(BLOCK)
    await untilCounted(swarm, 'leanmesh_mesh_prunes_total', { unsubscribed: 1 })
    await swarm.until('backed off', ({ topicSupply }) => topicSupply[0]?.backoffs === 1)
    expect(swarm.swarm.snapshot().topicSupply).toEqual([{ topic: BLOCK, candidates: 0, backoffs: 1 }])
    expect(swarm.swarm.snapshot().meshedSinceMs).toEqual([])
  })

  test('whose mesh is full prunes us, and we back off', async () => {
    await using peer = await startRealPeer(kind, { topics: [BLOCK], mesh: { d: 2, dLow: 1, dHigh: 2 } })
    const start = async () => {
      // It keeps those that it dialled itself.
      const swarm = await startTestSwarm({ peers: [targetOf(peer)] })
      await swarm.until('subscribed', ({ topics }) => topics[0]?.subscribers === 1)
      return swarm
    }
    await using first = await start()
    await using second = await start()
    await using third = await start()
    const pruned = (swarm: TestSwarm) =>
      swarm.counter('leanmesh_mesh_prunes_total', { topic: BLOCK, reason: 'by_peer' })
    const refused = await vi.waitFor(
      () => {
        const found = [first, second, third].find((swarm) => pruned(swarm) > 0)
        if (!found) throw new Error(`nobody was pruned: ${JSON.stringify(peer.state())}`)
        return found
      },
      { timeout: SILENCE_MS, interval: 50 },
    )
    expect(refused.swarm.snapshot().topicSupply).toEqual([{ topic: BLOCK, candidates: 0, backoffs: 1 }])
  })

  test('on another fork, and on another subnet, is told from one that is not of the lean network', async () => {
    const topics = [leanTopic('devnet0', 'block'), leanTopic('12345678', 'attestation_9'), '/chat']
    await using swarm = await startTestSwarm()
    await using peer = await startRealPeer(kind, { topics })
    await dialIn(peer, swarm, 'quic')
    await untilCounted(swarm, 'leanmesh_ignored_subscriptions_total', { foreign_digest: 1, other_lean: 1, not_lean: 1 })
    expect(swarm.swarm.snapshot().foreignForks).toEqual({ peers: 1, digests: [{ forkDigest: 'devnet0', peers: 1 }] })
    peer.unsubscribe(topics[0] ?? '')
    await swarm.until('on no other fork', ({ foreignForks }) => foreignForks.peers === 0)
  })
})

test('nobody at a TCP address is an outbound error', async () => {
  await using gone = await startRealPeer('go', { listen: [LISTEN.tcp] })
  await gone.stop()
  await using swarm = await startTestSwarm({ peers: [targetOf(gone)] })
  await vi.waitFor(() =>
    expect(counted(swarm, 'lean_peer_connection_events_total')).toEqual({
      'outbound error': expect.any(Number) as number,
    }),
  )
})

test('of more peers than a mesh takes we prune some, which are backed off or could be had', async () => {
  const peers: RealPeer[] = []
  try {
    for (let index = 0; index < 16; index++) peers.push(await startRealPeer('rust', { topics: [BLOCK] }))
    // Those that it dialled itself it takes in beyond its limit, until the next heartbeat.
    await using swarm = await startTestSwarm({ peers: peers.map(targetOf) })
    const isSettled = ({ topics: [topic], topicSupply: [supply] }: Snapshot) =>
      topic?.subscribers === peers.length &&
      topic.mesh.length <= 12 &&
      topic.mesh.length + (supply?.candidates ?? 0) + (supply?.backoffs ?? 0) === peers.length
    const isPruned = () => swarm.counter('leanmesh_mesh_prunes_total', { topic: BLOCK, reason: 'by_us' }) > 0
    await swarm.until('settled', (snapshot) => isSettled(snapshot) && isPruned(), SILENCE_MS)
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()))
  }
})

const series = (metric: string, client: string) => `${metric}{client="${client}"}`

async function expectedPeers(sidecar: RunningSidecar): Promise<(number | undefined)[]> {
  return Promise.all(['rust_0', 'go_0'].map((name) => sidecar.value(series('leanmesh_expected_peer_up', name))))
}

test('a sidecar tells expected peers that are up, that went, and that were never seen, and names the other fork', async () => {
  await using foreigner = await startRealPeer('go', { topics: [leanTopic('devnet0', 'block')] })
  await using peer = await startRealPeer('rust', { topics: LEAN_TOPICS })
  const absent = '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE'
  const names = new Map([
    [peer.peerId, 'rust_0'],
    [foreigner.peerId, 'go_0'],
    [absent, 'zeam_7'],
  ])
  const dial = [...peer.addresses, ...foreigner.addresses]
  await using sidecar = await startRunningSidecar({ dial, names })
  await sidecar.waitForNetwork(({ foreignForks, meshPeers }) => foreignForks.peers === 1 && meshPeers === 1)
  expect(await expectedPeers(sidecar)).toEqual([1, 1])
  expect(await sidecar.value(series('leanmesh_expected_peer_up', 'zeam_7'))).toBe(0)
  expect(await sidecar.value(series('lean_connected_peers', 'rust_0'))).toBe(1)
  expect(await sidecar.value(series('lean_connected_peers', 'unknown'))).toBe(0)
  expect(await sidecar.value('leanmesh_foreign_fork_digest_peers{network_id="0"}')).toBe(1)
  await peer.stop()
  await sidecar.waitForNetwork(({ connectedPeers }) => connectedPeers.length === 1)
  expect(await expectedPeers(sidecar)).toEqual([0, 1])
  expect(await sidecar.value('leanmesh_peer_mesh_seconds{client="rust_0",network_id="0"}')).toBe(0)
  const { neverSeen } = (await (await fetch(new URL('v1/mesh', sidecar.url))).json()) as { neverSeen: string[] }
  expect(neverSeen).toEqual(['zeam_7'])
  const page = await (await fetch(sidecar.url)).text()
  expect(page).toContain('this network is configured for 12345678')
  expect(page).toContain('1 peer on fork digest devnet0')
  expect(page).toContain('One peer of the names table never connected')
  expect(page).toContain('zeam_7')
})
