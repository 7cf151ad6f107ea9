import { expect, it, vi } from 'vitest'
import { startPlainPeer } from '../support/plain-peer.ts'
import { startTestSwarm } from '../support/test-swarm.ts'

const PEERS = 15

it(`${PEERS} peers on one address make a mesh of 6 to 12 that is never emptied, and both sides agree on it`, async () => {
  await using stack = new AsyncDisposableStack()
  const peers = await Promise.all(
    Array.from({ length: PEERS }, async () => stack.use(await startPlainPeer({ transport: 'tcp', heartbeatMs: 700 }))),
  )
  const targets = peers.map(({ id, addresses }) => ({ peerId: id, addresses }))
  const swarm = stack.use(await startTestSwarm({ peers: targets }))
  const seenByPeers = () => peers.filter((peer) => peer.mesh().includes(swarm.id)).map(({ id }) => id)
  const bothAgree = () => {
    expect(swarm.swarm.snapshot().topics[0]?.subscribers).toBe(PEERS)
    expect(swarm.mesh().length).toBeGreaterThanOrEqual(6)
    expect(swarm.mesh().length).toBeLessThanOrEqual(12)
    expect(seenByPeers().sort()).toEqual(swarm.mesh())
  }
  await vi.waitFor(bothAgree, { timeout: 8000, interval: 20 })

  let smallest = PEERS
  let snapshots = 0
  // Several heartbeats: peer scores would empty the mesh at the first.
  await swarm.until(
    '5 snapshots older',
    () => {
      smallest = Math.min(smallest, swarm.mesh().length)
      return ++snapshots > 5
    },
    10_000,
  )
  expect(smallest).toBeGreaterThanOrEqual(6)
  await vi.waitFor(bothAgree, { timeout: 3000, interval: 20 })
})
