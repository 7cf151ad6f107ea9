import type { Libp2p } from '@libp2p/interface'
import { onTestFinished } from 'vitest'
import type { SwarmOptions } from '../../src/channel/messages.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createNode, type SwarmNode } from '../../src/swarm/node.ts'
import { SILENT_OBSERVER } from './silent-observer.ts'
import { swarmOptions } from './swarm-options.ts'

/**
 * The libp2p node of a swarm, without the swarm, with a key of its own. Not started.
 *
 * @param maxMessageBytes the largest message that it reads
 */
export async function createTestNode(
  overrides: Partial<SwarmOptions> = {},
  maxMessageBytes = 1024,
): Promise<SwarmNode> {
  const { options } = createGossip({ maxMessageBytes }, () => undefined)
  const node = { ...swarmOptions(overrides), agent: 'test' }
  return createNode(node, await swarmKey(undefined), options, SILENT_OBSERVER)
}

/** One that listens on TCP, and is stopped when the test is over. */
export async function startTcpNode(): Promise<Libp2p> {
  const { libp2p } = await createTestNode({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  await libp2p.start()
  onTestFinished(() => libp2p.stop())
  return libp2p
}
