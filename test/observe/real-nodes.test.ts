import { afterEach, describe, expect, it } from 'vitest'
import { observeMesh } from '../../src/index.ts'
import { STACKS, type TestNode } from '../support/gossipsub-stacks.ts'
import { createHostApplication } from '../support/host-application.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'

describe.each(STACKS)('observeMesh with $name', ({ create }) => {
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
    // Else it has nobody to send a PRUNE, and gossipsub keeps a peer that leaves without one.
    await expect
      .poll(() => third.pubsub.getMeshPeers?.(TOPIC), { timeout: 10_000, interval: 50 })
      .toContain(observed.id)
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
