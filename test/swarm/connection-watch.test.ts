import { connect } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const CONNECTIONS = 'lean_peer_connection_events_total'
const DISCONNECTIONS = 'lean_peer_disconnection_events_total'
/** A peer id that nobody has. */
const NOBODY = '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE'

/** What was counted of a metric, without the zeros. */
function counted(swarm: TestSwarm, metric: string): Record<string, unknown> {
  const totals = swarm.swarm.snapshot().totals.filter((total) => total.metric === metric && total.value !== 0)
  return Object.fromEntries(totals.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
}

async function untilCounted(swarm: TestSwarm, metric: string, expected: Record<string, number>): Promise<void> {
  await vi.waitFor(() => expect(counted(swarm, metric)).toEqual(expected), { timeout: 8000, interval: 20 })
}

describe.each(['quic', 'tcp'] as const)('connection events over %s', (transport) => {
  let swarm: TestSwarm
  let peer: PlainPeer

  beforeEach(async () => {
    swarm = await startTestSwarm()
    peer = await startPlainPeer({ transport })
  })
  afterEach(async () => {
    await peer[Symbol.asyncDispose]()
    await swarm[Symbol.asyncDispose]()
  })

  /** Resolves when the swarm has the connection too: it answers on a stream. */
  async function dialIn(): Promise<void> {
    const [address] = swarm.target(transport).addresses
    const connection = await peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`), { force: true })
    await connection.newStream('/ipfs/ping/1.0.0')
  }

  it('a peer that dials, dials again and leaves is one success and one end', async () => {
    await dialIn()
    await dialIn()
    await untilCounted(swarm, CONNECTIONS, { 'inbound success': 1 })
    expect(counted(swarm, DISCONNECTIONS)).toEqual({})
    await peer.libp2p.hangUp(peer.libp2p.getPeers()[0] ?? peer.libp2p.peerId)
    await swarm.until('alone', ({ connectedPeers }) => connectedPeers.length === 0)
    await untilCounted(swarm, DISCONNECTIONS, { 'inbound remote_close': 1 })
    expect(counted(swarm, CONNECTIONS)).toEqual({ 'inbound success': 1 })
  })

  it('a peer that is dialled counts as outbound, in its coming and in its going', async () => {
    await using dialer = await startTestSwarm({ peers: [{ peerId: peer.id, addresses: peer.addresses }] })
    await untilCounted(dialer, CONNECTIONS, { 'outbound success': 1 })
    await peer.libp2p.hangUp(peer.libp2p.getPeers()[0] ?? peer.libp2p.peerId)
    await untilCounted(dialer, DISCONNECTIONS, { 'outbound remote_close': 1 })
  })

  it('a peer that does not gossip over its stream is hung up on by us', async () => {
    await using silent = await startPlainPeer({ transport, topics: [] })
    await using dialer = await startTestSwarm({ peers: [{ peerId: silent.id, addresses: silent.addresses }] })
    await vi.waitFor(() => expect(counted(dialer, DISCONNECTIONS)).toMatchObject({ 'outbound local_close': 1 }), {
      timeout: 9000,
      interval: 50,
    })
  })
})

describe('connection failures', () => {
  it('nobody at an address is a timeout over QUIC and an error over TCP', async () => {
    await using quic = await startTestSwarm({
      peers: [{ peerId: NOBODY, addresses: ['/ip4/127.0.0.1/udp/9/quic-v1'] }],
      quic: { maxIdleTimeoutMs: 1000, keepAliveIntervalMs: 500 },
    })
    await using tcp = await startTestSwarm({ peers: [{ peerId: NOBODY, addresses: ['/ip4/127.0.0.1/tcp/9'] }] })
    await vi.waitFor(
      () => {
        expect(counted(quic, CONNECTIONS)['outbound timeout']).toBeGreaterThan(0)
        expect(counted(tcp, CONNECTIONS)['outbound error']).toBeGreaterThan(0)
      },
      { timeout: 8000, interval: 50 },
    )
    expect(Object.keys(counted(quic, CONNECTIONS))).toEqual(['outbound timeout'])
    expect(Object.keys(counted(tcp, CONNECTIONS))).toEqual(['outbound error'])
  })

  it('a stranger who hangs up in the handshake is an error, one who says nothing a timeout', async () => {
    await using swarm = await startTestSwarm()
    const port = Number(/tcp\/(\d+)/.exec(swarm.target('tcp').addresses[0] ?? '')?.[1])
    const silent = connect(port, '127.0.0.1').on('error', () => undefined)
    const rude = connect(port, '127.0.0.1', () => rude.destroy())
    await untilCounted(swarm, CONNECTIONS, { 'inbound error': 1, 'inbound timeout': 1 })
    silent.destroy()
  })
})
