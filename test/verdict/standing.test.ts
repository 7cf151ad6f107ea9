import { expect, test } from 'vitest'
import type { NetworkDocument } from '../../src/verdict/mesh-document.ts'
import { neverSeenSentence, standingOf } from '../../src/verdict/standing.ts'
import { BLOCK, meshDocument, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'

const alone: Partial<NetworkDocument> = { meshPeers: 0, connectedPeers: [], topics: [] }

test.each<[string, Partial<NetworkDocument>, string]>([
  ['good', {}, '2 peers in the mesh of 2 topics, snapshot 0.2 s old'],
  [
    'good',
    { meshPeers: 1, topics: [{ topic: BLOCK, subscribers: 1, mesh: [ZEAM], ...SUPPLY }] },
    '1 peer in the mesh of 1 topic, snapshot 0.2 s old',
  ],
  ['bad', { snapshotAgeSeconds: 12.3 }, '2 peers in the mesh 12 s ago: the swarm is busy or hung'],
  ['waiting', { phase: 'starting' }, 'starting'],
  ['bad', { phase: 'restarting', lastError: 'exit code 134' }, 'restarting: exit code 134'],
  ['bad', { phase: 'stopped' }, 'stopped'],
  ['waiting', { ...alone, targets: [] }, 'no mesh peers: no peers are configured (--peers), and none has connected'],
  [
    'bad',
    {
      ...alone,
      targets: [
        { ...ZEAM, phase: 'self', failures: 0 },
        { ...REAM, phase: 'dialing', failures: 4, lastError: 'the dial timed out' },
      ],
    },
    'no mesh peers: connected to 0 of 1 configured peer, last error: the dial timed out',
  ],
  [
    'waiting',
    { ...alone, targets: [{ ...REAM, phase: 'dialing', failures: 0 }] },
    'no mesh peers: connected to 0 of 1 configured peer, still dialling',
  ],
  [
    'bad',
    { meshPeers: 0, topics: [{ topic: BLOCK, subscribers: 0, mesh: [], ...SUPPLY }] },
    'no mesh peers: connected to 3 peers, but nobody subscribes to our topics: check the fork digest (--fork-digest) and the topics (--topics)',
  ],
  [
    'bad',
    {
      meshPeers: 0,
      topics: [{ topic: BLOCK, subscribers: 0, mesh: [], ...SUPPLY }],
      foreignForks: {
        peers: 3,
        digests: [
          { forkDigest: 'devnet0', peers: 2 },
          { forkDigest: 'beef', peers: 1 },
        ],
      },
    },
    'no mesh peers: connected to 3 peers: 2 peers are on fork digest devnet0, 1 peer is on fork digest beef, this network is configured for 12345678 (--fork-digest)',
  ],
  [
    'waiting',
    { meshPeers: 0, topics: [{ topic: BLOCK, subscribers: 2, mesh: [], ...SUPPLY }] },
    'no mesh peers: connected to 3 peers, 2 of them subscribed: a mesh forms within a few heartbeats, unless theirs are full',
  ],
])('%s: %o', (level, changes, sentence) => {
  expect(standingOf(network(changes))).toEqual({ level, sentence })
})

test('a running network without a snapshot has not said anything yet', () => {
  const { snapshotAgeSeconds: _, ...silent } = network()
  expect(standingOf(silent)).toEqual({ level: 'waiting', sentence: 'running, but it has not said anything yet' })
})

test('named peers that never connected are told, a bounded number by name', () => {
  expect(neverSeenSentence(meshDocument())).toBeUndefined()
  expect(neverSeenSentence(meshDocument({ neverSeen: ['qlean_2', 'ream_0'] }))).toBe(
    'never seen since the start: qlean_2, ream_0',
  )
  const neverSeen = Array.from({ length: 300 }, (_, index) => `zeam_${index}`)
  expect(neverSeenSentence(meshDocument({ neverSeen }))).toMatch(/zeam_19 and 280 more$/)
})
