import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub as gossipsub14 } from '@chainsafe/libp2p-gossipsub'
import { gossipsub as gossipsub17 } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { identify as identify3 } from 'identify-3'
import { createLibp2p } from 'libp2p'
import { createLibp2p as createLibp2pV2 } from 'libp2p-v2'
import { noise as noise16 } from 'noise-16'
import { tcp as tcp10 } from 'tcp-10'
import { afterEach, describe, expect, it } from 'vitest'
import { yamux as yamux7 } from 'yamux-7'
import { observeMesh, type MeshPubSub } from '../../src/index.ts'
import { createHostApplication } from '../support/host-application.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const addresses = { listen: ['/ip4/127.0.0.1/tcp/0'] }

/** A node of either stack, reduced to what this test does with it. */
interface TestNode {
  id: string
  pubsub: MeshPubSub & { subscribe(topic: string): void; unsubscribe(topic: string): void }
  libp2p: { getPeers(): unknown[] }
  dial(other: TestNode): Promise<unknown>
  addresses(): unknown
  stop(): Promise<void>
}

async function currentStack(): Promise<TestNode> {
  const node = await createLibp2p({
    addresses,
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub17() },
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

async function formerStack(): Promise<TestNode> {
  const node = await createLibp2pV2({
    addresses,
    transports: [tcp10()],
    connectionEncrypters: [noise16()],
    streamMuxers: [yamux7()],
    services: { identify: identify3(), pubsub: gossipsub14() },
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

const stacks = [
  { name: '@libp2p/gossipsub 17 on libp2p 3', create: currentStack },
  { name: '@chainsafe/libp2p-gossipsub 14 on libp2p 2', create: formerStack },
]

describe.each(stacks)('observeMesh with $name', ({ create }) => {
  let nodes: TestNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.map(async (node) => node.stop()))
    nodes = []
  })

  it('reads what getMeshPeers says, through join, leave and stop', async () => {
    nodes = await Promise.all([create(), create(), create()])
    const [observed, second, third] = nodes as [TestNode, TestNode, TestNode]
    const host = createHostApplication()
    observeMesh({ pubsub: observed.pubsub, libp2p: observed.libp2p, meter: host.meter, topics: [TOPIC] })
    const meshSize = () => observed.pubsub.getMeshPeers?.(TOPIC).length
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 0 })

    for (const node of nodes) node.pubsub.subscribe(TOPIC)
    await second.dial(observed)
    await third.dial(observed)
    await expect.poll(meshSize, { timeout: 10_000, interval: 50 }).toBe(2)
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 2 })
    expect(await host.values('leanmesh_mesh_memberships')).toEqual({ [`network_id=0,topic=${TOPIC}`]: 2 })
    expect(await host.values('leanmesh_connected_peers')).toEqual({ 'network_id=0': 2 })

    third.pubsub.unsubscribe(TOPIC)
    await expect.poll(meshSize, { timeout: 10_000, interval: 50 }).toBe(1)
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 1 })

    await observed.stop()
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 0 })
    expect(await host.values('leanmesh_connected_peers')).toEqual({ 'network_id=0': 0 })
  })
})
