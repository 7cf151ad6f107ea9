import { expect, it } from 'vitest'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { mendBackOffs } from '../../src/swarm/mend-back-offs.ts'
import { hiddenTables } from '../../src/swarm/mend-hidden-tables.ts'
import { createNode } from '../../src/swarm/node.ts'
import { BLOCK } from '../support/network-states.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'

interface PruneHandler {
  mesh: Map<string, Set<string>>
  handlePrune(peerId: string, prune: { topicID: string; backoff: number; peers: [] }[]): Promise<void>
}

const YEAR_SECONDS = 365 * 86_400

async function createRouter() {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const nodeOptions = { ...swarmOptions(), agent: 'test' }
  const { pubsub } = await createNode(nodeOptions, await swarmKey(undefined), options, SILENT_OBSERVER)
  const router = pubsub as unknown as PruneHandler
  router.mesh.set(BLOCK, new Set())
  return { pubsub, router }
}

it.each([
  ['a minute', 60, 60],
  ['a year', YEAR_SECONDS, 600],
  ['for ever', Infinity, 600],
])('a peer that asks not to be grafted for %s is left alone for at most 10 minutes', async (_, seconds, kept) => {
  const { pubsub, router } = await createRouter()
  const asked = Date.now()
  await router.handlePrune('peer', [{ topicID: BLOCK, backoff: seconds, peers: [] }])
  const until = hiddenTables(pubsub).backoffs(BLOCK).get('peer') ?? 0
  expect(Math.round((until - asked) / 1000)).toBe(kept)
})

it('of 1,000 identities that come, ask and leave only the last 300 are remembered', async () => {
  const { pubsub, router } = await createRouter()
  const prune = [{ topicID: BLOCK, backoff: YEAR_SECONDS, peers: [] as [] }]
  for (let index = 0; index < 1000; index++) await router.handlePrune(`peer-${index}`, prune)
  const remembered = [...hiddenTables(pubsub).backoffs(BLOCK).keys()]
  expect(remembered).toHaveLength(300)
  expect(remembered.at(-1)).toBe('peer-999')
})

it('a gossipsub that keeps back-offs elsewhere is refused at start', () => {
  expect(() => mendBackOffs({})).toThrow('keeps back-offs in another way')
})
