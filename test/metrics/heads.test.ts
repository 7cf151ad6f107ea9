import { describe, expect, it } from 'vitest'
import { headNames, headSamples } from '../../src/metrics/heads.ts'
import { headOf, networkState, snapshotOf } from '../support/network-states.ts'

const NAMES = new Map([
  ['a', 'zeam_0'],
  ['b', 'ream_0'],
  ['c', 'qlean_0'],
])
const told = (...heads: ReturnType<typeof headOf>[]) =>
  networkState({ phase: 'running', snapshot: snapshotOf({ heads }) })

const valuesOf = (samples: ReturnType<typeof headSamples>, metric: string) =>
  samples.filter((sample) => sample.metric === metric).map(({ labels, value }) => [labels['client'], value])

describe('the heads of named peers', () => {
  it('are a head slot, a finalized slot and an age each', () => {
    const state = told(headOf('a', { atMs: 4000 }), headOf('b', { headSlot: 7, finalizedSlot: 3, atMs: 9500 }))
    const samples = headSamples([state], NAMES, 10_000)
    expect(valuesOf(samples, 'leanmesh_peer_head_slot')).toEqual([
      ['zeam_0', 20],
      ['ream_0', 7],
    ])
    expect(valuesOf(samples, 'leanmesh_peer_finalized_slot')).toEqual([
      ['zeam_0', 10],
      ['ream_0', 3],
    ])
    expect(valuesOf(samples, 'leanmesh_peer_status_age_seconds')).toEqual([
      ['zeam_0', 6],
      ['ream_0', 0.5],
    ])
  })

  it('are compared within a network, and of peers without a name nothing is told', () => {
    const fork = headOf('b', { finalizedRoot: 'a0' })
    const states = [
      told(headOf('a'), fork, headOf('stranger', { finalizedRoot: 'b0' })),
      { ...told(headOf('c')), networkId: '1' },
    ]
    const samples = headSamples(states, NAMES, 0)
    const roots = samples.filter(({ metric }) => metric === 'leanmesh_finalized_roots')
    expect(roots.map(({ labels, value }) => [labels, value])).toEqual([
      [{ network_id: '0' }, 2],
      [{ network_id: '1' }, 1],
    ])
    expect(valuesOf(samples, 'leanmesh_peer_head_slot').map(([client]) => client)).toEqual([
      'zeam_0',
      'ream_0',
      'qlean_0',
    ])
  })

  it('are nothing where nobody told one, there are no names, or the network does not run', () => {
    expect(headSamples([told()], NAMES, 0)).toEqual([])
    expect(headSamples([told(headOf('a'))], undefined, 0)).toEqual([])
    expect(headSamples([networkState()], NAMES, 0)).toEqual([])
  })

  it('use up no names but their own', () => {
    expect(headNames([told(headOf('b'))], NAMES)).toEqual(new Map([['b', 'ream_0']]))
    expect(headNames([told(headOf('b'))], undefined)).toEqual(new Map())
  })
})
