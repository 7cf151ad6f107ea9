import { expect, test } from 'vitest'
import { meshDocument, type MeshFacts } from '../src/sidecar-document.ts'
import { BLOCK, companionOf, headOf, networkState, runningNetwork, snapshotOf } from './support/network-states.ts'

const facts: MeshFacts = {
  version: 'test',
  nowMs: 1000,
  names: undefined,
  companions: new Map(),
  genesisTimes: new Map(),
  refreshers: [],
}

test('a snapshot that is younger than the document is 0 s old, as in the metrics', () => {
  const state = runningNetwork([], { snapshot: snapshotOf({ takenAtMs: 1001 }) })
  expect(meshDocument([state], facts).networks[0]?.snapshotAgeSeconds).toBe(0)
  expect(meshDocument([networkState()], facts).networks[0]).not.toHaveProperty('snapshotAgeSeconds')
})

test('a network with a companion says how it stands with it, and one without says nothing', () => {
  const failed = { failures: 1, lastError: 'refused' }
  const target = { peerId: 'a', phase: 'waiting', failure: 'unreachable', ...failed } as const
  const snapshot = snapshotOf({ targets: [target], companion: companionOf('a', { isConnected: false }) })
  const standing = { state: 'unreachable', sinceMs: 400 } as const
  const states = [
    runningNetwork([], { networkId: 'x', snapshot, companion: standing }),
    networkState({ networkId: 'y' }),
    networkState({ networkId: 'z' }),
  ]
  const companions = new Map([
    ['x', 'a'],
    ['y', 'b'],
  ])
  const { networks } = meshDocument(states, { ...facts, companions, names: new Map([['a', 'zeam_0']]) })
  expect(networks.map(({ companion }) => companion)).toEqual([
    {
      peerId: 'a',
      name: 'zeam_0',
      phase: 'waiting',
      lastError: 'refused',
      state: 'unreachable',
      sinceSeconds: 0.6,
      evidence: { ...failed, topics: [], meshTopics: [], backedOffTopics: [], forkDigests: [] },
      sentence: expect.stringMatching(/^companion zeam_0: not connected: refused; check that it runs/),
    },
    { peerId: 'b', name: null, phase: 'unknown', sentence: 'companion b: unknown while the network does not run' },
    undefined,
  ])
})

test('of the refreshers only those that fail are in the document', () => {
  const refreshers = [
    { name: 'names', durationSeconds: 0, succeeded: false, error: 'gone' },
    { name: 'mesh', durationSeconds: 0, succeeded: true },
  ]
  expect(meshDocument([], { ...facts, refreshers }).refreshers).toEqual([{ name: 'names', error: 'gone' }])
  expect(meshDocument([], facts)).not.toHaveProperty('refreshers')
})

test('what messages say is in the document of a network that runs: their ages, and in words what is wrong with the clock', () => {
  const clock = { state: 'suspect', offsetSeconds: 12 } as const
  const snapshot = snapshotOf({ messages: { lastAcceptedAtMs: { block: 400 }, clock } })
  const [running, stopped] = meshDocument([runningNetwork([], { snapshot }), networkState()], facts).networks
  expect(running?.lastMessageAgeSeconds).toEqual({ block: 0.6 })
  expect(running?.clock).toEqual({ ...clock, sentence: expect.stringContaining('off by about 12 s') })
  expect(stopped?.lastMessageAgeSeconds).toEqual({})
  expect(stopped).not.toHaveProperty('clock')
})

test('never seen are the names whose peers no network ever had, all of them without a network that runs', () => {
  const names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
    ['c', 'gean_0'],
  ])
  const states = [
    networkState({ seenPeers: new Set(['a']) }),
    networkState({ networkId: '1', seenPeers: new Set(['b']) }),
  ]
  expect(meshDocument(states, { ...facts, names }).neverSeen).toEqual(['gean_0'])
  expect(meshDocument([networkState()], { ...facts, names }).neverSeen).toEqual(['gean_0', 'ream_0', 'zeam_0'])
  expect(meshDocument(states, facts).neverSeen).toEqual([])
})

test('a network says its fork digest, who is on others, and of each topic what it lacks', () => {
  const foreignForks = { peers: 1, digests: [{ forkDigest: 'devnet0', peers: 1 }] }
  const topicSupply = [{ topic: BLOCK, candidates: 3, backoffs: 1 }]
  const topics = [{ topic: BLOCK, mesh: ['a'], subscribers: 5 }]
  const state = runningNetwork([], { snapshot: snapshotOf({ foreignForks, topicSupply, topics }) })
  const [network] = meshDocument([state], facts).networks
  expect(network).toMatchObject({ forkDigest: '12345678', foreignForks })
  expect(network?.topics[0]).toMatchObject({ subscribers: 5, deficit: 5, candidates: 3, backoffs: 1 })
  expect(network?.topics[1]).toMatchObject({ subscribers: 0, deficit: 6, candidates: 0, backoffs: 0 })
})

test('the heads of named peers are in the document with their age, and the slot of now where the genesis time is known', () => {
  const heads = [headOf('a', { atMs: 400 }), headOf('stranger')]
  const running = runningNetwork([], { networkId: 'x', snapshot: snapshotOf({ heads }) })
  const names = new Map([['a', 'zeam_0']])
  const genesisTimes = new Map([['x', Math.floor(Date.now() / 1000) - 40]])
  const { networks } = meshDocument([running, networkState({ networkId: 'y' })], { ...facts, names, genesisTimes })
  const { atMs: _, ...head } = headOf('a')
  expect(networks[0]?.heads).toEqual([{ ...head, name: 'zeam_0', ageSeconds: 0.6 }])
  expect([10, 11]).toContain(networks[0]?.currentSlot)
  expect(networks[1]?.heads).toEqual([])
  expect(networks[1]).not.toHaveProperty('currentSlot')
})

test('before genesis there is no slot', () => {
  const genesisTimes = new Map([['0', Date.now() / 1000 + 60]])
  expect(meshDocument([networkState()], { ...facts, genesisTimes }).networks[0]).not.toHaveProperty('currentSlot')
})
