import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMPANION_STATES, companionState } from '../../src/mesh/companion-state.ts'
import type { CompanionFacts, Snapshot, TargetState } from '../../src/mesh/snapshot.ts'
import { companionSamples } from '../../src/metrics/companion.ts'
import { AGGREGATION, BLOCK, companionOf, networkState, snapshotOf } from '../support/network-states.ts'

const TOPICS = [BLOCK, AGGREGATION]

interface Facts {
  companion?: Partial<CompanionFacts>
  target?: Partial<TargetState>
  meshed?: string[]
}

function stateOf({ companion, target = {}, meshed = [] }: Facts) {
  const targets: TargetState[] = [
    { peerId: 'other', phase: 'waiting', failures: 1, lastError: 'other', failure: 'wrong_peer_id' },
    { peerId: 'me', phase: 'waiting', failures: 0, ...target },
  ]
  const topics = TOPICS.map((topic) => ({
    topic,
    mesh: ['x', ...(meshed.includes(topic) ? ['me'] : [])],
    subscribers: 2,
  }))
  return companionState(companionOf('me', companion), snapshotOf({ targets, topics }))
}

const AWAY = { isConnected: false }

describe('the state of a companion', () => {
  it.each<[string, ReturnType<typeof stateOf>, Facts]>([
    ['has not been dialled to the end', 'unreachable', { companion: AWAY, target: { phase: 'dialing' } }],
    ['has left, and is dialled again', 'unreachable', { companion: AWAY, target: { phase: 'waiting' } }],
    ['does not answer', 'unreachable', { companion: AWAY, target: { failure: 'unreachable' } }],
    ['answers something else', 'handshake_failed', { companion: AWAY, target: { failure: 'handshake_failed' } }],
    ['is somebody else', 'wrong_peer_id', { companion: AWAY, target: { failure: 'wrong_peer_id' } }],
    ['is not known to speak gossipsub', 'no_common_topic', {}],
    ['does not speak gossipsub', 'no_gossipsub', { companion: { speaksGossipsub: false } }],
    ['speaks gossipsub, on other topics', 'no_common_topic', { companion: { speaksGossipsub: true } }],
    ['subscribes, and is in no mesh', 'subscribed', { companion: { topics: [BLOCK] } }],
    [
      'may not be grafted in a topic that it left',
      'subscribed',
      { companion: { topics: [BLOCK], backedOffTopics: [AGGREGATION] } },
    ],
    [
      'may not be grafted in one of its topics',
      'pruned_backoff',
      { companion: { topics: TOPICS, backedOffTopics: [AGGREGATION] } },
    ],
    [
      'may not be grafted in one, and is in the mesh of another',
      'meshed',
      { companion: { topics: TOPICS, backedOffTopics: [AGGREGATION] }, meshed: [BLOCK] },
    ],
    [
      'came by itself while it cannot be dialled',
      'subscribed',
      { companion: { topics: [BLOCK] }, target: { failure: 'wrong_peer_id' } },
    ],
  ])('that %s is %s', (_, state, facts) => {
    expect(stateOf(facts)).toBe(state)
  })

  const someTopics = fc.subarray([...TOPICS])
  const facts = fc.record({
    companion: fc.record(
      {
        isConnected: fc.boolean(),
        speaksGossipsub: fc.boolean(),
        topics: someTopics,
        backedOffTopics: someTopics,
        forkDigests: fc.subarray(['devnet0']),
      },
      { requiredKeys: ['isConnected', 'topics', 'backedOffTopics', 'forkDigests'] },
    ),
    target: fc.record(
      {
        phase: fc.constantFrom<TargetState['phase']>('connected', 'dialing', 'waiting', 'self'),
        failure: fc.constantFrom<NonNullable<TargetState['failure']>>(
          'unreachable',
          'handshake_failed',
          'wrong_peer_id',
        ),
      },
      { requiredKeys: ['phase'] },
    ),
    meshed: someTopics,
  })

  it('is exactly one of the set, whatever is known, and so are the series', () => {
    fc.assert(
      fc.property(facts, (known) => {
        const state = stateOf(known)
        expect(COMPANION_STATES).toContain(state)
        const values = companionSamples([networkState({ companion: { state, sinceMs: 0 } })])
        expect(values.map(({ labels }) => labels['state'])).toEqual(COMPANION_STATES)
        expect(values.filter(({ value }) => value === 1).map(({ labels }) => labels['state'])).toEqual([state])
      }),
    )
  })

  it('agrees with the meshes, and with the connection', () => {
    const dialled: readonly string[] = ['unreachable', 'handshake_failed', 'wrong_peer_id']
    fc.assert(
      fc.property(facts, (known) => {
        const state = stateOf(known)
        expect(state === 'meshed').toBe(known.meshed.length > 0)
        if (state !== 'meshed') expect(dialled.includes(state)).toBe(!known.companion.isConnected)
      }),
    )
  })

  it('has no series without a companion, or while the network does not run', () => {
    const snapshot: Snapshot = snapshotOf()
    expect(companionSamples([networkState(), networkState({ phase: 'running', snapshot })])).toEqual([])
  })
})
