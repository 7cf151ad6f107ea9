/** What a swarm says of its companion, and in which state that is. */
import { expect, test, vi } from 'vitest'
import { companionState } from '../../src/mesh/companion-state.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { startTestSwarm } from '../support/test-swarm.ts'

const stateOf = (snapshot: Snapshot) => snapshot.companion && companionState(snapshot.companion, snapshot)
const stateIs = (state: string) => (snapshot: Snapshot) => stateOf(snapshot) === state

async function beside({ id, addresses }: PlainPeer) {
  const options = { topics: [BLOCK, AGGREGATION], companion: id, peers: [{ peerId: id, addresses }] }
  return await startTestSwarm(options)
}

test('a companion is meshed, and unreachable once it has left', async () => {
  const peer = await startPlainPeer()
  await using swarm = await beside(peer)
  const { companion } = await swarm.until('meshed', stateIs('meshed'))
  expect(companion).toEqual({
    peerId: peer.id,
    isConnected: true,
    speaksGossipsub: true,
    topics: [BLOCK],
    backedOffTopics: [],
    forkDigests: [],
  })
  await peer[Symbol.asyncDispose]()
  // A dial over QUIC to a port that nobody has takes 5 s.
  const gone = await swarm.until('unreachable', stateIs('unreachable'), 15_000)
  expect(gone.companion).toEqual({
    peerId: peer.id,
    isConnected: false,
    topics: [],
    backedOffTopics: [],
    forkDigests: [],
  })
})

test('a companion on another fork has no topic in common, and its digest is told', async () => {
  await using peer = await startPlainPeer({ topics: [leanTopic('devnet0', 'block')] })
  await using swarm = await beside(peer)
  const { companion } = await swarm.until('told', (snapshot) => snapshot.companion?.forkDigests.length === 1)
  expect(companion).toMatchObject({ forkDigests: ['devnet0'], topics: [] })
  expect(stateOf(swarm.swarm.snapshot())).toBe('no_common_topic')
})

test('a companion that identify shows without gossipsub has none', async () => {
  await using peer = await startPlainPeer({ gossip: false })
  await using swarm = await beside(peer)
  await swarm.until('without gossipsub', stateIs('no_gossipsub'))
})

test('a companion that has neither identify nor gossipsub is found out, after it was told of often enough', async () => {
  await using peer = await startPlainPeer({ gossip: false, identify: false })
  await using swarm = await beside(peer)
  await swarm.until('without gossipsub', stateIs('no_gossipsub'), 15_000)
}, 20_000)

test('a companion that prunes, and still subscribes, is backed off', async () => {
  await using peer = await startPlainPeer({ topics: [AGGREGATION] })
  await using swarm = await beside(peer)
  await swarm.until('meshed', stateIs('meshed'))
  // Only those in its own mesh are sent a prune.
  await vi.waitFor(() => expect(peer.mesh(AGGREGATION)).toEqual([swarm.id]), { timeout: 5000, interval: 20 })
  peer.unsubscribe(AGGREGATION)
  await swarm.until('unsubscribed', stateIs('no_common_topic'))
  peer.subscribe(AGGREGATION)
  const { companion } = await swarm.until('pruned', stateIs('pruned_backoff'))
  expect(companion).toMatchObject({ topics: [AGGREGATION], backedOffTopics: [AGGREGATION] })
})

test('a swarm without a companion says nothing of one', async () => {
  await using swarm = await startTestSwarm()
  expect(swarm.swarm.snapshot()).not.toHaveProperty('companion')
})
