import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer } from '../support/plain-peer.ts'
import { meshIs, startTestSwarm } from '../support/test-swarm.ts'

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

describe.concurrent('a swarm', () => {
  it.each(['quic', 'tcp'] as const)('meshes with another over %s, and each sees the other leave', async (transport) => {
    await using listener = await startTestSwarm()
    const dialer = await startTestSwarm({ peers: [listener.target(transport)] })
    await listener.until('meshed', meshIs(dialer.id))
    await dialer.until('meshed', meshIs(listener.id))
    expect(dialer.swarm.snapshot()).toMatchObject({
      topics: [{ topic: BLOCK, mesh: [listener.id], subscribers: 1 }],
      connectedPeers: [listener.id],
      targets: [{ peerId: listener.id, phase: 'connected', failures: 0 }],
    })
    expect(dialer.counter('leanmesh_dials_total', { result: 'success' })).toBe(1)
    await dialer.swarm.stop()
    await listener.until('alone', meshIs(), 1000)
    expect(listener.swarm.snapshot().connectedPeers).toEqual([])
  })

  it('meshes with a peer whose address is a name', async () => {
    await using listener = await startTestSwarm()
    const { peerId, addresses } = listener.target('quic')
    const named = addresses.map((address) => address.replace('/ip4/127.0.0.1/', '/dns4/localhost/'))
    await using dialer = await startTestSwarm({ peers: [{ peerId, addresses: named }] })
    await dialer.until('meshed', meshIs(listener.id))
  })

  it('meshes, and both sides agree, when both dial at the same moment', async () => {
    const keys = ['11'.repeat(32), '22'.repeat(32)]
    const ports = await Promise.all([freeUdpPort(), freeUdpPort()])
    const targets = await Promise.all(
      keys.map(async (key, index) => ({
        peerId: peerIdFromPrivateKey(await swarmKey(key)).toString(),
        addresses: [`/ip4/127.0.0.1/udp/${ports[index]}/quic-v1`],
      })),
    )
    const swarms = await Promise.all(
      // Each has both in its list, itself included.
      keys.map((identityKeyHex, index) =>
        startTestSwarm({ identityKeyHex, listen: targets[index]?.addresses ?? [], peers: targets }),
      ),
    )
    const [first, second] = swarms as [(typeof swarms)[number], (typeof swarms)[number]]
    await using _first = first
    await using _second = second
    await Promise.all([
      first.until('meshed', meshIs(second.id), 10_000),
      second.until('meshed', meshIs(first.id), 10_000),
    ])
    expect(first.swarm.snapshot().topics[0]?.subscribers).toBe(1)
    expect(second.swarm.snapshot().topics[0]?.subscribers).toBe(1)
    expect(first.swarm.snapshot().targets).toContainEqual({ peerId: first.id, phase: 'self', failures: 0 })
  })

  it('meshes with a peer that does not answer identify, whoever dials', async () => {
    await using dialed = await startPlainPeer({ identify: false })
    await using swarm = await startTestSwarm({ peers: [{ peerId: dialed.id, addresses: dialed.addresses }] })
    await using dialing = await startPlainPeer({ identify: false })
    await dialing.libp2p.dial(swarm.swarm.snapshot().listenAddresses.map((address) => multiaddr(address)))
    await swarm.until('meshed', meshIs(dialed.id, dialing.id), 10_000)
    await dialed.untilMeshed([swarm.id])
    await dialing.untilMeshed([swarm.id])
  })
})
