import { describe, expect, it } from 'vitest'
import { meshSupplySamples } from '../../src/metrics/mesh-supply.ts'
import { AGGREGATION, BLOCK, networkState, runningNetwork, snapshotOf } from '../support/network-states.ts'

const names = new Map([
  ['peer-a', 'zeam_0'],
  ['peer-b', 'ream_0'],
])

/** The values of one metric, by its labels but `network_id`. */
function valuesOf(metric: string, ...args: Parameters<typeof meshSupplySamples>): Record<string, number> {
  const found = meshSupplySamples(...args).filter((sample) => sample.metric === metric)
  return Object.fromEntries(
    found.map(({ labels: { network_id, ...labels }, value }) => [
      Object.values(labels).join() || String(network_id),
      value,
    ]),
  )
}

describe('why the mesh is small', () => {
  it('every configured topic has what it lacks and what could be had, and no other topic has anything', () => {
    const snapshot = snapshotOf({
      topics: [
        { topic: BLOCK, mesh: ['a', 'b'], subscribers: 5 },
        { topic: '/chat', mesh: ['z'], subscribers: 1 },
      ],
      topicSupply: [
        { topic: BLOCK, candidates: 2, backoffs: 1 },
        { topic: '/chat', candidates: 9, backoffs: 9 },
      ],
    })
    const states = [networkState({ phase: 'running', snapshot })]
    expect(valuesOf('leanmesh_topic_subscribers', states, undefined)).toEqual({ [BLOCK]: 5, [AGGREGATION]: 0 })
    expect(valuesOf('leanmesh_mesh_deficit', states, undefined)).toEqual({ [BLOCK]: 4, [AGGREGATION]: 6 })
    expect(valuesOf('leanmesh_mesh_candidates', states, undefined)).toEqual({ [BLOCK]: 2, [AGGREGATION]: 0 })
    expect(valuesOf('leanmesh_mesh_backoffs', states, undefined)).toEqual({ [BLOCK]: 1, [AGGREGATION]: 0 })
  })

  it('a full mesh lacks nothing', () => {
    const states = [runningNetwork(['a', 'b', 'c', 'd', 'e', 'f', 'g'])]
    expect(valuesOf('leanmesh_mesh_deficit', states, undefined)[BLOCK]).toBe(0)
  })

  it('a network that does not run has no topics, and 0 peers on other forks', () => {
    const states = [networkState()]
    expect(valuesOf('leanmesh_mesh_deficit', states, undefined)).toEqual({})
    expect(valuesOf('leanmesh_foreign_fork_digest_peers', states, undefined)).toEqual({ '0': 0 })
  })

  it('a name is up while its peer is connected in any network', () => {
    const states = [networkState(), runningNetwork(['peer-b'], { networkId: '1' })]
    expect(valuesOf('leanmesh_expected_peer_up', states, names)).toEqual({ zeam_0: 0, ream_0: 1 })
    expect(valuesOf('leanmesh_expected_peer_up', states, undefined)).toEqual({})
  })

  it('a name has its time in the mesh, 0 outside it, and none without a names table', () => {
    const snapshot = snapshotOf({
      takenAtMs: 10_000,
      meshedSinceMs: [
        ['peer-a', 7500],
        ['stranger', 0],
      ],
    })
    const states = [networkState({ phase: 'running', snapshot })]
    expect(valuesOf('leanmesh_peer_mesh_seconds', states, names)).toEqual({ zeam_0: 2.5, ream_0: 0 })
    expect(valuesOf('leanmesh_peer_mesh_seconds', states, undefined)).toEqual({})
  })
})
