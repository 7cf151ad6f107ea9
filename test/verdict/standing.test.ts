import { describe, expect, test } from 'vitest'
import type { CompanionDocument, NetworkDocument } from '../../src/verdict/mesh-document.ts'
import { networkCauses } from '../../src/verdict/network-causes.ts'
import { companionStanding, standingOf } from '../../src/verdict/standing.ts'
import { BLOCK, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'

const WELL = '2 peers in the mesh, in 2 of 2 topics, 0.2 s ago'
const alone: Partial<NetworkDocument> = { meshPeers: 0, connectedPeers: [], topics: [] }
const subscribed = (subscribers: number, backoffs = 0): Partial<NetworkDocument> => ({
  meshPeers: 0,
  topics: [{ topic: BLOCK, subscribers, mesh: [], ...SUPPLY, backoffs }],
})
const healthy: Partial<NetworkDocument> = { targets: [], heads: [] }

describe('a network', () => {
  test.each<[string, string, Partial<NetworkDocument>]>([
    ['good', WELL, healthy],
    [
      'good',
      '1 peer in the mesh, in 1 of 1 topic, 0.2 s ago',
      { ...healthy, meshPeers: 1, topics: [{ topic: BLOCK, subscribers: 1, mesh: [ZEAM], ...SUPPLY }] },
    ],
    [
      'bad',
      '0 peers in the mesh, in 0 of 0 topics, 0.2 s ago',
      { ...healthy, ...alone, targets: [{ ...REAM, phase: 'waiting', failures: 2, lastError: 'refused' }] },
    ],
    ['good', '2 peers in the mesh, in 2 of 2 topics, 5.0 s ago', { ...healthy, snapshotAgeSeconds: 5 }],
    ['bad', '2 peers in the mesh, in 2 of 2 topics, 5.1 s ago', { ...healthy, snapshotAgeSeconds: 5.1 }],
    ['bad', WELL, { targets: [{ ...REAM, phase: 'waiting', failures: 2, lastError: 'refused' }] }],
    ['bad', '2 peers in the mesh, in 2 of 2 topics, 12.3 s ago', { ...healthy, snapshotAgeSeconds: 12.3 }],
    ['waiting', 'The swarm is starting', { phase: 'starting' }],
    ['bad', 'The swarm is restarting', { phase: 'restarting', lastError: 'exit code 134' }],
    ['bad', 'The swarm is stopped', { phase: 'stopped' }],
    ['bad', '0 peers in the mesh, in 0 of 0 topics, 0.2 s ago', { ...healthy, ...alone }],
    [
      'waiting',
      '0 peers in the mesh, in 0 of 0 topics, 0.2 s ago',
      { ...healthy, ...alone, targets: [{ ...REAM, phase: 'dialing', failures: 0 }] },
    ],
    ['bad', '0 peers in the mesh, in 0 of 1 topic, 0.2 s ago', { ...healthy, ...subscribed(0) }],
    ['waiting', '0 peers in the mesh, in 0 of 1 topic, 0.2 s ago', { ...healthy, ...subscribed(2) }],
    ['waiting', '0 peers in the mesh, in 0 of 1 topic, 0.2 s ago', { ...healthy, ...subscribed(2, 2) }],
  ])('is %s: %s', (level, sentence, changes) => {
    const document = network(changes)
    expect(standingOf(document, networkCauses(document))).toEqual({ level, sentence })
  })

  test('that runs without a snapshot has not said anything yet', () => {
    const { snapshotAgeSeconds: _, ...silent } = network()
    const standing = { level: 'waiting', sentence: 'The swarm runs, and has not said anything yet' }
    expect(standingOf(silent, networkCauses(silent))).toEqual(standing)
  })
})

describe('a companion', () => {
  const companion: CompanionDocument = { ...ZEAM, phase: 'connected', sentence: 'companion zeam_0: it is so' }

  test.each([
    ['good', 'meshed'],
    ['waiting', 'subscribed'],
    ['waiting', 'pruned_backoff'],
    ['bad', 'handshake_failed'],
    ['bad', 'wrong_peer_id'],
    ['bad', 'no_common_topic'],
    ['bad', 'unreachable'],
    ['bad', 'no_gossipsub'],
    ['bad', 'a state that did not exist when this was written'],
  ])('is %s when it is %s', (level, state) => {
    expect(companionStanding({ ...companion, state }).level).toBe(level)
  })

  test.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [7199, '1 h'],
    [86_400 * 3, '3 d'],
  ])('says for how long: %d s is %s', (sinceSeconds, told) => {
    const standing = companionStanding({ ...companion, state: 'meshed', sinceSeconds })
    expect(standing.sentence).toBe(`companion zeam_0: it is so (for ${told})`)
  })

  test.each([
    ['subscribed', 299, 'waiting'],
    ['subscribed', 300, 'bad'],
    ['pruned_backoff', 300, 'bad'],
  ])('%s for %d s is %s, as long as the alert waits', (state, sinceSeconds, level) => {
    expect(companionStanding({ ...companion, state, sinceSeconds }).level).toBe(level)
    const document = network({ ...healthy, topics: [], meshPeers: 1, companion: { ...companion, state, sinceSeconds } })
    const isBad = standingOf(document, networkCauses(document)).level === 'bad'
    expect(isBad).toBe(level === 'bad')
  })

  test('is waited for while its network does not run', () => {
    expect(companionStanding(companion)).toEqual({ level: 'waiting', sentence: companion.sentence })
  })
})
