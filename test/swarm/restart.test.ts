import { describe, expect, it } from 'vitest'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer } from '../support/plain-peer.ts'
import { startSwarmChild } from '../support/swarm-child.ts'
import { meshIs, meshOf, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'

const BACK_WITHIN_MS = 10_000
const GONE_WITHIN_MS = 6000
const subscribers = (snapshot: Snapshot) => snapshot.topics[0]?.subscribers

/** Both sides list each other, and know of each other's subscription. */
async function untilBothAgree(
  swarm: TestSwarm,
  child: Awaited<ReturnType<typeof startSwarmChild>>,
  timeoutMs?: number,
) {
  const agrees = (other: string) => (snapshot: Snapshot) => meshIs(other)(snapshot) && subscribers(snapshot) === 1
  await Promise.all([
    swarm.until('meshed', agrees(child.id), timeoutMs),
    child.until('meshed', agrees(swarm.id), timeoutMs),
  ])
}

describe.concurrent('a swarm whose peer is killed', () => {
  it('has it out of its mesh within 6 s', async () => {
    await using swarm = await startTestSwarm()
    await using child = await startSwarmChild({ peers: [swarm.target('quic')] })
    await untilBothAgree(swarm, child)
    await child.kill()
    await swarm.until('alone', meshIs(), GONE_WITHIN_MS)
    expect(swarm.swarm.snapshot().connectedPeers).toEqual([])
  })

  it.each([
    ['after a while', 2500, 1],
    // Two young connections look like both sides dialling at once, so the older one is left to its idle timeout.
    ['right after it connected', 0, 0],
  ])(
    'meshes with it again when it is back at once with its key and dials, killed %s',
    async (_, connectedMs, superseded) => {
      await using swarm = await startTestSwarm()
      const options = { identityKeyHex: '31'.repeat(32), peers: [swarm.target('quic')] }
      await using child = await startSwarmChild(options)
      await untilBothAgree(swarm, child)
      const connectedAt = performance.now()
      await swarm.until('connected for long enough', () => performance.now() - connectedAt >= connectedMs)
      await child.kill()
      const killedAt = performance.now()
      await using back = await startSwarmChild(options)
      await untilBothAgree(swarm, back, BACK_WITHIN_MS)
      // On a host that takes as long to start a process, the dead connection has ended by itself.
      const isBackAtOnce = performance.now() - killedAt < GONE_WITHIN_MS / 2
      expect(swarm.counter('leanmesh_watchdog_reconnects_total', { reason: 'superseded' })).toBeGreaterThanOrEqual(
        isBackAtOnce ? superseded : 0,
      )
      // Not the mesh of the dead connection: that one has ended by now.
      await swarm.until(
        'past the idle timeout',
        () => performance.now() - connectedAt >= connectedMs + GONE_WITHIN_MS,
        10_000,
      )
      await untilBothAgree(swarm, back, 3000)
    },
  )

  it('meshes with it again when it is back at once with its key and address and waits to be dialled', async () => {
    const listen = { identityKeyHex: '32'.repeat(32) }
    await using child = await startSwarmChild(listen)
    await using swarm = await startTestSwarm({ peers: [{ peerId: child.id, addresses: child.addresses }] })
    await untilBothAgree(swarm, child)
    await child.kill()
    await using back = await startSwarmChild({ ...listen, listen: child.addresses })
    await untilBothAgree(swarm, back, BACK_WITHIN_MS)
  })
})

describe.concurrent('a swarm', () => {
  it('stays connected to a peer without gossipsub, and leaves it alone', async () => {
    await using peer = await startPlainPeer({ gossip: false })
    await using swarm = await startTestSwarm({ peers: [{ peerId: peer.id, addresses: peer.addresses }] })
    await swarm.until('connected', ({ connectedPeers }) => connectedPeers.includes(peer.id))
    let closed = 0
    peer.libp2p.addEventListener('connection:close', () => (closed += 1))
    // Longer than every deadline of the watchdog together.
    let snapshots = 0
    await swarm.until('8 s older', () => ++snapshots > 8, 15_000)
    expect(closed).toBe(0)
    expect(swarm.swarm.snapshot().connectedPeers).toEqual([peer.id])
    expect(meshOf(swarm.swarm.snapshot())).toEqual([])
    expect(swarm.counter('leanmesh_watchdog_reconnects_total', {})).toBe(0)
  })

  it('hangs up and dials again a peer that gossips nothing, until it does', async () => {
    await using peer = await startPlainPeer({ topics: [] })
    await using swarm = await startTestSwarm({ peers: [{ peerId: peer.id, addresses: peer.addresses }] })
    const reconnects = () => swarm.counter('leanmesh_watchdog_reconnects_total', { reason: 'no_subscriptions' })
    await swarm.until('gave it a second chance', () => reconnects() === 1, 8000)
    await swarm.until('connected again', ({ targets }) => targets[0]?.phase === 'connected')
    peer.subscribe(BLOCK)
    await swarm.until('meshed', meshIs(peer.id))
    expect(reconnects()).toBe(1)
  })
})
