/** What the gauge says against what real peers say of us: the number has to be the same from both sides. */
import { createHash } from 'node:crypto'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { type RealPeer, type RealPeerKind, startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, meshOf, type RunningSidecar, startRunningSidecar } from '../support/running-sidecar.ts'
import { swarmPid } from '../support/swarm-pid.ts'

const [BLOCK = '', AGGREGATION = ''] = LEAN_TOPICS
const LISTEN = { QUIC: '/ip4/127.0.0.1/udp/0/quic-v1', TCP: '/ip4/127.0.0.1/tcp/0' }
const KINDS: readonly RealPeerKind[] = ['rust', 'go']
const CASES = KINDS.flatMap((kind) => (['QUIC', 'TCP'] as const).map((transport) => [kind, transport] as const))

/** Both sides name each other, for the topic, and the gauge counts it. */
async function agreeMeshed(sidecar: RunningSidecar, peer: RealPeer, topic = BLOCK, timeoutMs = 10_000): Promise<void> {
  const network = await sidecar.waitForNetwork((state) => meshOf(state, topic).includes(peer.peerId), timeoutMs)
  await peer.waitForState((state) => state.mesh[topic]?.includes(network.peerId ?? '') ?? false, timeoutMs)
}

async function waitForEmptyMesh(sidecar: RunningSidecar, timeoutMs: number): Promise<void> {
  await sidecar.waitForMetrics((text) => text.includes('\nlean_gossip_mesh_peers 0\n'), timeoutMs)
}

describe.each(CASES)('a %s peer over %s', (kind, transport) => {
  const options = { listen: [LISTEN[transport]], topics: LEAN_TOPICS }

  test('that we dial is meshed on both sides, then leaves a topic, then leaves', async () => {
    await using peer = await startRealPeer(kind, options)
    await using sidecar = await startRunningSidecar({ dial: peer.addresses })
    await agreeMeshed(sidecar, peer)
    expect(await sidecar.metrics()).toContain('\nlean_gossip_mesh_peers 1\n')
    peer.unsubscribe(BLOCK)
    await sidecar.waitForNetwork(
      (state) => meshOf(state, BLOCK).length === 0 && meshOf(state, AGGREGATION).length === 1,
    )
    expect(await sidecar.metrics()).toContain('\nlean_gossip_mesh_peers 1\n')
    await peer.stop()
    await waitForEmptyMesh(sidecar, 3000)
  })

  test('that dials us is meshed on both sides', async () => {
    await using sidecar = await startRunningSidecar()
    const { listenAddresses } = await sidecar.waitForNetwork(({ listenAddresses: found }) => found.length === 2)
    await using peer = await startRealPeer(kind, options)
    const ours = listenAddresses.find((address) => address.includes(transport === 'QUIC' ? 'quic-v1' : 'tcp'))
    await peer.dial(ours ?? '')
    await agreeMeshed(sidecar, peer)
  })
})

describe.each(KINDS)('a %s peer', (kind) => {
  const options = { listen: [LISTEN.QUIC], topics: LEAN_TOPICS }

  test('that is killed is gone from the gauge within 6 s, and back with the same key it is meshed on both sides', async () => {
    const key = '11'.repeat(32)
    await using peer = await startRealPeer(kind, { ...options, key })
    const listen = peer.addresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
    await using sidecar = await startRunningSidecar({ dial: peer.addresses })
    await agreeMeshed(sidecar, peer)
    await peer.kill()
    await waitForEmptyMesh(sidecar, 6000)
    await using again = await startRealPeer(kind, { ...options, key, listen })
    await agreeMeshed(sidecar, again)
  })

  test('that is killed and back at once with the same key is meshed on both sides within 10 s', async () => {
    const key = '12'.repeat(32)
    const peer = await startRealPeer(kind, { ...options, key })
    const listen = peer.addresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
    await using sidecar = await startRunningSidecar({ dial: peer.addresses })
    await agreeMeshed(sidecar, peer)
    const { listenAddresses } = await sidecar.network()
    await peer.kill()
    await using again = await startRealPeer(kind, { ...options, key, listen })
    await again.dial(listenAddresses.find((address) => address.includes('quic-v1')) ?? '')
    // Its own mesh is empty after a restart, so what it says now it learned from us now.
    await again.waitForState(({ mesh }) => (mesh[BLOCK]?.length ?? 0) === 1, 10_000)
    await agreeMeshed(sidecar, again)
  })

  test('meshes on both sides again within 10 s after our swarm was killed and came back with its key', async () => {
    await using peer = await startRealPeer(kind, options)
    await using sidecar = await startRunningSidecar({ dial: peer.addresses, identityKeyHex: '13'.repeat(32) })
    await agreeMeshed(sidecar, peer)
    process.kill(await swarmPid(), 'SIGKILL')
    await sidecar.waitForMetrics((text) => text.includes('lean_gossip_mesh_running{network_id="0"} 0'))
    await agreeMeshed(sidecar, peer, BLOCK, 10_000)
    expect(await sidecar.value('leanmesh_swarm_restarts_total{network_id="0",reason="killed"}')).toBe(1)
  })
})

test('a message passes from a rust peer through the sidecar to a go peer, and back', async () => {
  const options = { topics: LEAN_TOPICS }
  await using rust = await startRealPeer('rust', options)
  await using go = await startRealPeer('go', options)
  await using sidecar = await startRunningSidecar({ dial: [...rust.addresses, ...go.addresses] })
  await agreeMeshed(sidecar, rust)
  await agreeMeshed(sidecar, go)
  const us = (await sidecar.network()).peerId
  for (const [from, to] of [[rust, go] as const, [go, rust] as const]) {
    const wire = compressSync(`from ${from.peerId}`)
    const sha256 = createHash('sha256').update(wire).digest('hex')
    await from.publish(BLOCK, wire)
    expect(await to.waitForMessage((message) => message.sha256 === sha256)).toMatchObject({ from: us, topic: BLOCK })
  }
})

test('a rust peer without identify, dialled by us, is meshed on both sides', async () => {
  await using peer = await startRealPeer('rust', { topics: LEAN_TOPICS, identify: false })
  await using sidecar = await startRunningSidecar({ dial: peer.addresses })
  await agreeMeshed(sidecar, peer)
})
