/** Control messages of peers that mean harm: what they can make a swarm keep, and send. */
import { expect, it } from 'vitest'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { hiddenTables } from '../../src/swarm/mend-hidden-tables.ts'
import { createNode } from '../../src/swarm/node.ts'
import { reachableHeapBytes } from '../support/collect-garbage.ts'
import { BLOCK } from '../support/network-states.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'

interface Router {
  mesh: Map<string, Set<string>>
  mcache: { put(id: { msgId: Uint8Array; msgIdStr: string }, message: object, validated: boolean): void }
  handlePrune(peerId: string, prune: { topicID: string; backoff: number; peers: [] }[]): Promise<void>
  handleIWant(peerId: string, iwant: { messageIDs: Uint8Array[] }[]): { data: Uint8Array }[]
}

async function createRouter() {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const key = await swarmKey(undefined)
  const { pubsub } = await createNode({ ...swarmOptions(), agent: 'test' }, key, options, SILENT_OBSERVER)
  const router = pubsub as unknown as Router
  router.mesh.set(BLOCK, new Set())
  return { router, backoffs: () => hiddenTables(pubsub).backoffs(BLOCK) }
}

it('back-offs for topics that are not ours are not kept', async () => {
  const { router, backoffs } = await createRouter()
  const topics = Array.from({ length: 5000 }, (_, index) => `/made/up/${index}`)
  const before = reachableHeapBytes()
  await router.handlePrune(
    'peer',
    topics.map((topicID) => ({ topicID, backoff: 60, peers: [] })),
  )
  expect(backoffs().size).toBe(0)
  expect((reachableHeapBytes() - before) / 1024 / 1024).toBeLessThan(1)
})

it('a peer that asks for one message over and over is sent it three times, and heard ten times a heartbeat', async () => {
  const { router } = await createRouter()
  const first = Buffer.from('first')
  const second = Buffer.from('second')
  for (const msgId of [first, second]) {
    const message = { topic: BLOCK, data: Buffer.alloc(1024) }
    router.mcache.put({ msgId, msgIdStr: msgId.toString('latin1') }, message, true)
  }
  const sent = (peer: string, messageIDs: Uint8Array[]) => router.handleIWant(peer, [{ messageIDs }]).length
  expect(
    sent(
      'a',
      Array.from({ length: 5000 }, () => first),
    ),
  ).toBeLessThanOrEqual(3)
  const asked = Array.from({ length: 20 }, () => sent('b', [first]))
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(3)
  // Ten requests are heard, of whatever.
  expect(sent('b', [second])).toBe(0)
  expect(sent('c', [second])).toBe(1)
})
