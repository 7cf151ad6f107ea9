import { describe, expect, it, test } from 'vitest'
import { companionEvidence, companionSentence, type CompanionEvidence } from '../../src/mesh/companion-sentence.ts'
import { COMPANION_STATES, type CompanionState } from '../../src/mesh/companion-state.ts'
import { AGGREGATION, BLOCK, companionOf, snapshotOf } from '../support/network-states.ts'

const OWN = [BLOCK, AGGREGATION]
const NOTHING = { failures: 0, topics: [], meshTopics: [], backedOffTopics: [], forkDigests: [] }
const sentence = (state: CompanionState, evidence: Partial<CompanionEvidence> = {}, own = OWN) =>
  companionSentence(state, { ...NOTHING, ...evidence }, own)

describe('the sentence of a companion', () => {
  it.each<[CompanionState, Partial<CompanionEvidence>, string]>([
    ['unreachable', {}, 'not connected: still dialling'],
    ['unreachable', { lastError: 'refused' }, 'not connected: refused; check that it runs'],
    ['handshake_failed', { lastError: 'EOF' }, 'no connection lasts: EOF; check that the port is its libp2p port'],
    ['wrong_peer_id', { lastError: 'b is not a' }, 'another peer is at its address: b is not a; its key is a new one'],
    ['no_gossipsub', {}, 'does not speak gossipsub'],
    ['no_common_topic', {}, 'subscribes to none of our topics; check the fork digest (--fork-digest)'],
    [
      'no_common_topic',
      { forkDigests: ['devnet0'] },
      'on fork digest devnet0, and this network is configured for 12345678',
    ],
    ['subscribed', { topics: [BLOCK] }, 'subscribes to 1 of 2 topics, and is in no mesh'],
    [
      'pruned_backoff',
      { topics: OWN, backedOffTopics: OWN },
      'subscribes to 2 of 2 topics, and a prune forbids to graft it for now in 2',
    ],
    ['meshed', { meshTopics: [BLOCK] }, 'in the mesh of 1 of 2 topics'],
  ])('that is %s with %j says what to do', (state, evidence, text) => {
    expect(sentence(state, evidence)).toContain(text)
  })

  it('is another one for each state, and counts one topic as one', () => {
    expect(new Set(COMPANION_STATES.map((state) => sentence(state))).size).toBe(COMPANION_STATES.length)
    expect(sentence('meshed', { meshTopics: [BLOCK] }, [BLOCK])).toBe('in the mesh of 1 of 1 topic')
  })

  it('names no digest of ours where the topics have none', () => {
    expect(sentence('no_common_topic', { forkDigests: ['devnet0'] }, ['made-up'])).toContain('configured for none')
  })
})

test('the evidence is what the snapshot holds of this one peer', () => {
  const snapshot = snapshotOf({
    targets: [
      { peerId: 'b', phase: 'waiting', failures: 9, lastError: 'not this one' },
      { peerId: 'a', phase: 'waiting', failures: 2, lastError: 'refused' },
    ],
    topics: [
      { topic: BLOCK, mesh: ['a', 'b'], subscribers: 2 },
      { topic: AGGREGATION, mesh: ['b'], subscribers: 2 },
    ],
  })
  const companion = companionOf('a', { speaksGossipsub: true, topics: OWN, backedOffTopics: [AGGREGATION] })
  expect(companionEvidence(companion, snapshot)).toEqual({
    failures: 2,
    lastError: 'refused',
    speaksGossipsub: true,
    topics: OWN,
    meshTopics: [BLOCK],
    backedOffTopics: [AGGREGATION],
    forkDigests: [],
  })
  expect(companionEvidence(companion, snapshotOf())).toMatchObject({ failures: 0, meshTopics: [] })
})
