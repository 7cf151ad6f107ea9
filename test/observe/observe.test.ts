import { describe, expect, it } from 'vitest'
import { LeanmeshError, observeMesh, type ObserveMeshOptions } from '../../src/index.ts'
import { createHostApplication } from '../support/host-application.ts'

/** A node whose mesh a test sets. */
function fakeNode(mesh: Record<string, string[]>) {
  return {
    mesh,
    pubsub: {
      reads: 0,
      getTopics() {
        this.reads++
        return Object.keys(mesh)
      },
      getMeshPeers(topic: string) {
        this.reads++
        return mesh[topic] ?? []
      },
    },
    libp2p: { getPeers: () => [...new Set(Object.values(mesh).flat())] },
  }
}

function observed(mesh: Record<string, string[]>, options: Partial<ObserveMeshOptions> = {}) {
  const node = fakeNode(mesh)
  const host = createHostApplication()
  const observation = observeMesh({ pubsub: node.pubsub, libp2p: node.libp2p, meter: host.meter, ...options })
  return { node, host, observation }
}

describe('observeMesh', () => {
  it('counts a peer that is meshed in two topics once, and its memberships twice', async () => {
    const { host } = observed({ block: ['a', 'b'], aggregation: ['a'] })
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 2 })
    expect(await host.values('leanmesh_mesh_memberships')).toEqual({
      'network_id=0,topic=block': 2,
      'network_id=0,topic=aggregation': 1,
    })
  })

  it('with names gives each name its series, 0 included, and none without a label', async () => {
    const names = new Map([
      ['a', 'zeam_0'],
      ['x', 'ream_0'],
    ])
    const { host } = observed({ block: ['a', 'b', 'c'] }, { names })
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({
      'client=zeam_0': 1,
      'client=ream_0': 0,
      'client=unknown': 2,
    })
  })

  it('given topics, observes those only, once each, subscribed or not', async () => {
    const { host } = observed({ block: ['a'], other: ['b'] }, { topics: ['block', 'quiet', 'block'] })
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 1 })
    expect(await host.values('leanmesh_mesh_memberships')).toEqual({
      'network_id=0,topic=block': 1,
      'network_id=0,topic=quiet': 0,
    })
  })

  it('leaves a topic that was unsubscribed at 0 in a reader that keeps series for ever', async () => {
    const { host, node } = observed({ block: ['a'], gone: ['b'] })
    await host.values('leanmesh_mesh_memberships')
    delete node.mesh['gone']
    expect(await host.values('leanmesh_mesh_memberships')).toMatchObject({ 'network_id=0,topic=gone': 0 })
    expect(await host.values('leanmesh_mesh_memberships')).toMatchObject({ 'network_id=0,topic=gone': 0 })
  })

  it('reads 0 from a node that throws, and the collection succeeds', async () => {
    const refuse = () => {
      throw new Error('not started')
    }
    const { host } = observed({}, { pubsub: { getTopics: refuse, getMeshPeers: refuse }, libp2p: { getPeers: refuse } })
    expect(await host.values('lean_gossip_mesh_peers')).toEqual({ '': 0 })
    expect(await host.values('leanmesh_connected_peers')).toEqual({ 'network_id=0': 0 })
    expect(await host.values('leanmesh_mesh_memberships')).toEqual({})
  })

  it('reads nothing between collections, and nothing at all after stop, however often that is called', async () => {
    const { host, node, observation } = observed({ block: ['a'] })
    expect(node.pubsub.reads).toBe(0)
    await host.values('lean_gossip_mesh_peers')
    const reads = node.pubsub.reads
    expect(reads).toBeGreaterThan(0)
    observation.stop()
    observation.stop()
    await host.values('lean_gossip_mesh_peers')
    expect(node.pubsub.reads).toBe(reads)
  })

  it('refuses a router that has no mesh', () => {
    expect(() => observed({}, { pubsub: { getTopics: () => [] } })).toThrow(LeanmeshError)
  })
})
