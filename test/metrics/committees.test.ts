import { describe, expect, it } from 'vitest'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import { committeeSamples } from '../../src/metrics/committees.ts'
import { companionOf, networkState, snapshotOf } from '../support/network-states.ts'

const topic = (name: string) => leanTopic('12345678', name)
const ALL = ['block', 'attestation_0', 'attestation_1'].map(topic)

function values(...states: Partial<NetworkState>[]): Record<string, number> {
  const samples = committeeSamples(states.map((state) => networkState(state)))
  return Object.fromEntries(
    samples.map(({ metric, value }) => [metric.replace('lean_attestation_committee_', ''), value]),
  )
}

const companionAt = (...names: string[]) => snapshotOf({ companion: companionOf('a', { topics: names.map(topic) }) })

describe('the attestation committees', () => {
  it('are as many as the genesis config says, and unknown without one', () => {
    expect(values({ attestationCommittees: 2 })).toEqual({ count: 2 })
    expect(values({}, {})).toEqual({})
  })

  it('are the most that a network has, where several differ', () => {
    expect(values({ attestationCommittees: 2 }, {}, { attestationCommittees: 4 })).toEqual({ count: 4 })
  })

  it('include the companion in the one whose topic it subscribes to', () => {
    const state = { attestationCommittees: 2, topics: ALL, snapshot: companionAt('block', 'attestation_1') }
    expect(values(state)).toEqual({ count: 2, subnet: 1 })
  })

  it.each([
    ['it subscribes to several, as an aggregator', { snapshot: companionAt('attestation_0', 'attestation_1') }],
    ['it subscribes to none', { snapshot: companionAt('block') }],
    ['there is none', { snapshot: snapshotOf() }],
    ['not every subnet is joined', { snapshot: companionAt('attestation_0'), topics: ALL.slice(0, 2) }],
  ])("do not include the companion's where %s", (_, state) => {
    expect(values({ attestationCommittees: 2, topics: ALL, ...state })).toEqual({ count: 2 })
  })
})
