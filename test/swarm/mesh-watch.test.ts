import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { createTotals } from '../../src/measure/totals.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createMeshWatch } from '../../src/swarm/mesh-watch.ts'
import { createNode } from '../../src/swarm/node.ts'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const GRAFTS = 'leanmesh_mesh_grafts_total'
const PRUNES = 'leanmesh_mesh_prunes_total'

async function dial(peer: PlainPeer, swarm: TestSwarm): Promise<void> {
  const [address] = swarm.target('tcp').addresses
  await peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`))
}

/** Gossipsub's own ways to leave a topic, which its interface does not offer one by one. */
interface Leaving {
  unsubscribe(topic: string): void
  leave(topic: string): void
  sendSubscriptions(peer: string, topics: string[], subscribe: boolean): void
}

function leaving(peer: PlainPeer): Leaving {
  return peer.libp2p.services['pubsub'] as Leaving
}

async function untilPruned(swarm: TestSwarm, reason: string): Promise<void> {
  await vi.waitFor(() => expect(swarm.counter(PRUNES, { topic: BLOCK, reason })).toBe(1), { timeout: 5000 })
  expect(swarm.counter(PRUNES, {})).toBe(1)
}

describe('the mesh watch', () => {
  it('counts a graft and, when the peer disconnects, a prune for that', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp' })
    await dial(peer, swarm)
    await swarm.until('meshed', meshIs(peer.id))
    expect(swarm.counter(GRAFTS, { topic: BLOCK })).toBe(1)
    const [[meshed, sinceMs] = []] = swarm.swarm.snapshot().meshedSinceMs
    expect(meshed).toBe(peer.id)
    expect(sinceMs).toBeGreaterThan(swarm.swarm.snapshot().takenAtMs - 5000)
    await peer.libp2p.stop()
    await untilPruned(swarm, 'disconnected')
    expect(swarm.swarm.snapshot().meshedSinceMs).toEqual([])
  })

  it('tells a peer that leaves the topic from one that only leaves the mesh, which is backed off then', async () => {
    await using swarm = await startTestSwarm()
    await using leaver = await startPlainPeer({ transport: 'tcp' })
    await dial(leaver, swarm)
    await swarm.until('meshed', meshIs(leaver.id))
    leaving(leaver).unsubscribe(BLOCK)
    await untilPruned(swarm, 'unsubscribed')

    await using other = await startTestSwarm()
    await using pruner = await startPlainPeer({ transport: 'tcp', heartbeatMs: 60_000 })
    await dial(pruner, other)
    await other.until('meshed', meshIs(pruner.id))
    leaving(pruner).leave(BLOCK)
    await untilPruned(other, 'by_peer')
    expect(other.swarm.snapshot().topicSupply).toEqual([{ topic: BLOCK, candidates: 0, backoffs: 1 }])
  })

  it('a peer that says that it left, without a PRUNE, is out of the mesh', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp' })
    await dial(peer, swarm)
    await swarm.until('meshed', meshIs(peer.id))
    leaving(peer).sendSubscriptions(swarm.id, [BLOCK], false)
    await swarm.until('alone', meshIs(), 2000)
    await untilPruned(swarm, 'unsubscribed')
  })
})

it('of the subscribers, those that are neither in the mesh nor backed off could be had', async () => {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const key = await swarmKey(undefined)
  const { pubsub } = await createNode({ ...swarmOptions(), agent: 'test' }, key, options, SILENT_OBSERVER)
  const watch = createMeshWatch([BLOCK], createTotals([BLOCK]))
  watch.attach(pubsub)
  const { mesh, topics, backoff } = pubsub as unknown as {
    mesh: Map<string, Set<string>>
    topics: Map<string, Set<string>>
    backoff: Map<string, Map<string, number>>
  }
  expect(watch.read().topicSupply).toEqual([{ topic: BLOCK, candidates: 0, backoffs: 0 }])
  topics.set(BLOCK, new Set(['meshed', 'refused', 'free', 'free too']))
  mesh.set(BLOCK, new Set(['meshed']))
  const minuteAhead = Date.now() + 60_000
  backoff.set(BLOCK, new Map(Object.entries({ refused: minuteAhead, gone: minuteAhead, long: Date.now() - 1 })))
  expect(watch.read().topicSupply).toEqual([{ topic: BLOCK, candidates: 2, backoffs: 2 }])
})
