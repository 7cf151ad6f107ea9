import type { SwarmOptions } from '../../src/channel/messages.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createNode, type SwarmNode } from '../../src/swarm/node.ts'
import { SILENT_OBSERVER } from './silent-observer.ts'
import { swarmOptions } from './swarm-options.ts'

/** The libp2p node of a swarm, without the swarm, with a key of its own. Not started. */
export async function createTestNode(overrides: Partial<SwarmOptions> = {}): Promise<SwarmNode> {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const node = { ...swarmOptions(overrides), agent: 'test' }
  return createNode(node, await swarmKey(undefined), options, SILENT_OBSERVER)
}
