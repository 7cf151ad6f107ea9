import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub as gossipsub14, type GossipsubOpts as Options14 } from '@chainsafe/libp2p-gossipsub'
import { gossipsub as gossipsub17, type GossipsubOpts as Options17 } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { identify as identify3 } from 'identify-3'
import { createLibp2p } from 'libp2p'
import { createLibp2p as createLibp2pV2 } from 'libp2p-v2'
import { noise as noise16 } from 'noise-16'
import { tcp as tcp10 } from 'tcp-10'
import { yamux as yamux7 } from 'yamux-7'
import type { MeshPubSub } from '../../src/index.ts'

const addresses = { listen: ['/ip4/127.0.0.1/tcp/0'] }

type MetricsOptions = 'metricsRegister' | 'metricsTopicStrToLabel'

/** A node of either stack, reduced to what this test does with it. */
export interface TestNode {
  id: string
  pubsub: MeshPubSub & {
    subscribe(topic: string): void
    unsubscribe(topic: string): void
    publish(topic: string, data: Uint8Array): Promise<unknown>
  }
  libp2p: { getPeers(): unknown[] }
  dial(other: TestNode): Promise<unknown>
  addresses(): unknown
  stop(): Promise<void>
}

async function currentStack(options: Pick<Options17, MetricsOptions> = {}): Promise<TestNode> {
  const node = await createLibp2p({
    addresses,
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub17(options) },
  })
  return {
    id: node.peerId.toString(),
    pubsub: node.services.pubsub,
    libp2p: node,
    dial: async (other) => node.dial(other.addresses() as Parameters<typeof node.dial>[0]),
    addresses: () => node.getMultiaddrs(),
    stop: async () => node.stop(),
  }
}

async function formerStack(options: Pick<Options14, MetricsOptions> = {}): Promise<TestNode> {
  const node = await createLibp2pV2({
    addresses,
    transports: [tcp10()],
    connectionEncrypters: [noise16()],
    streamMuxers: [yamux7()],
    services: { identify: identify3(), pubsub: gossipsub14(options) },
  })
  return {
    id: node.peerId.toString(),
    pubsub: node.services.pubsub as unknown as TestNode['pubsub'],
    libp2p: node,
    dial: async (other) => node.dial(other.addresses() as Parameters<typeof node.dial>[0]),
    addresses: () => node.getMultiaddrs(),
    stop: async () => node.stop(),
  }
}

/** js gossipsub in its two generations, each with the libp2p that it is for. */
export const STACKS = [
  { name: '@libp2p/gossipsub 17 on libp2p 3', create: currentStack },
  { name: '@chainsafe/libp2p-gossipsub 14 on libp2p 2', create: formerStack },
]
