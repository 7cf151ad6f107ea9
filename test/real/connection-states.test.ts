/** The ways in which real peers fail to connect, are hung up on, and come into the mesh, beside those of churn.test.ts. */
import { describe, expect, test, vi } from 'vitest'
import { LEAN_TOPICS } from '../support/running-sidecar.ts'
import { startRealPeer, type RealPeer, type RealPeerKind } from '../support/real-peer.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const [BLOCK = ''] = LEAN_TOPICS
const KINDS: readonly RealPeerKind[] = ['rust', 'go']
const LISTEN = { quic: '/ip4/127.0.0.1/udp/0/quic-v1', tcp: '/ip4/127.0.0.1/tcp/0' }
const TRANSPORTS = ['quic', 'tcp'] as const
/** How many mesh peers gossipsub wants. */
const D = 8
/** A peer id that nobody has. */
const NOBODY = '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE'
const CONNECTIONS = 'lean_peer_connection_events_total'
const DISCONNECTIONS = 'lean_peer_disconnection_events_total'
const GRAFTS = 'leanmesh_mesh_grafts_total'

function startDialling({ peerId, addresses }: RealPeer): Promise<TestSwarm> {
  return startTestSwarm({ peers: [{ peerId, addresses: addresses.map((each) => each.replace(/\/p2p\/.*$/, '')) }] })
}

/** What was counted of a metric, by the labels that are not the topic, without the zeros. */
function counted(swarm: TestSwarm, metric: string): Record<string, unknown> {
  const totals = swarm.swarm.snapshot().totals.filter((total) => total.metric === metric && total.value !== 0)
  const reasons = (labels: Record<string, string>) => Object.values(labels).filter((value) => value !== BLOCK)
  return Object.fromEntries(totals.map(({ labels, value }) => [reasons(labels).join(' '), value]))
}

async function untilCounted(swarm: TestSwarm, metric: string, expected: Record<string, unknown>): Promise<void> {
  await vi.waitFor(() => expect(counted(swarm, metric)).toMatchObject(expected), { timeout: 9000, interval: 50 })
}

describe.each(KINDS)('a %s peer', (kind) => {
  test('that dials us for somebody else over TCP is an inbound error, and no connection', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startRealPeer(kind, { listen: [LISTEN.tcp], topics: [BLOCK] })
    await expect(peer.dial(`${swarm.target('tcp').addresses[0]}/p2p/${NOBODY}`)).rejects.toThrow('could not dial')
    await untilCounted(swarm, CONNECTIONS, { 'inbound error': 1 })
    expect(counted(swarm, CONNECTIONS)).toEqual({ 'inbound error': 1 })
    expect(counted(swarm, DISCONNECTIONS)).toEqual({})
  })

  test.each(TRANSPORTS)('that is dialled over %s and is stopped hung up on us', async (transport) => {
    await using peer = await startRealPeer(kind, { listen: [LISTEN[transport]], topics: [BLOCK] })
    await using swarm = await startDialling(peer)
    await swarm.until('meshed', meshIs(peer.peerId))
    await peer.stop()
    await untilCounted(swarm, DISCONNECTIONS, { 'outbound remote_close': 1 })
    expect(Object.keys(counted(swarm, DISCONNECTIONS))).toEqual(['outbound remote_close'])
  })

  test.each(TRANSPORTS)('that is dialled over %s and joins nothing is hung up on by us', async (transport) => {
    await using peer = await startRealPeer(kind, { listen: [LISTEN[transport]] })
    await using swarm = await startDialling(peer)
    await untilCounted(swarm, DISCONNECTIONS, { 'outbound local_close': expect.any(Number) })
    expect(Object.keys(counted(swarm, DISCONNECTIONS))).toEqual(['outbound local_close'])
    await untilCounted(swarm, CONNECTIONS, { 'outbound success': expect.any(Number) })
  })

  test('that has enough mesh peers is taken into ours by us', async () => {
    await using peer = await startRealPeer(kind, { topics: [BLOCK], mesh: { d: 2, dLow: 1, dHigh: 3 } })
    await using friend = await startRealPeer('rust', { topics: [BLOCK], dial: peer.addresses })
    await peer.waitForMesh(BLOCK, [friend.peerId])
    await using swarm = await startDialling(peer)
    await swarm.until('meshed', meshIs(peer.peerId))
    await untilCounted(swarm, GRAFTS, { by_us: 1 })
    expect(counted(swarm, GRAFTS)).toEqual({ by_us: 1 })
  })
})

test('who comes once our mesh has what it wants takes us into its own, of whatever kind it is', async () => {
  await using stack = new AsyncDisposableStack()
  const peers: RealPeer[] = []
  await using swarm = await startTestSwarm()
  const join = async (kind: RealPeerKind) => {
    const peer = stack.use(await startRealPeer(kind, { topics: [BLOCK] }))
    await peer.dial(`${swarm.target('quic').addresses[0]}/p2p/${swarm.id}`)
    peers.push(peer)
    await swarm.until('meshed', meshIs(...peers.map(({ peerId }) => peerId)))
  }
  // Below D we take in whoever subscribes, if its own GRAFT has not come before.
  for (let index = 0; index < D; index++) await join('rust')
  const byPeer = () => swarm.counter(GRAFTS, { topic: BLOCK, reason: 'by_peer' })
  const before = byPeer()
  for (const kind of KINDS) await join(kind)
  expect(byPeer()).toBe(before + KINDS.length)
  expect(swarm.counter(GRAFTS, { topic: BLOCK })).toBe(D + KINDS.length)
})
