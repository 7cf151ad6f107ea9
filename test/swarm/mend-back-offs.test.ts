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

it.each([
  ['a minute', 60, 60],
  ['a year', YEAR_SECONDS, 600],
  ['for ever', Infinity, 600],
])('a peer that asks not to be grafted for %s is left alone for at most 10 minutes', async (_, seconds, kept) => {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const { pubsub } = await createNode(
    { ...swarmOptions(), agent: 'test' },
    await swarmKey(undefined),
    options,
    SILENT_OBSERVER,
  )
  const router = pubsub as unknown as PruneHandler
  router.mesh.set(BLOCK, new Set())
  const asked = Date.now()
  await router.handlePrune('peer', [{ topicID: BLOCK, backoff: seconds, peers: [] }])
  const until = hiddenTables(pubsub).backoffs(BLOCK).get('peer') ?? 0
  expect(Math.round((until - asked) / 1000)).toBe(kept)
})

it('a gossipsub that keeps back-offs elsewhere is refused at start', () => {
  expect(() => mendBackOffs({})).toThrow('keeps back-offs in another way')
})
