import { expect, test } from 'vitest'
import { meshDocument, type MeshFacts } from '../src/sidecar-document.ts'
import { networkState, runningNetwork, snapshotOf } from './support/network-states.ts'

const facts: MeshFacts = { version: 'test', nowMs: 1000, names: undefined, companions: new Map(), refreshers: [] }

test('a snapshot that is younger than the document is 0 s old, as in the metrics', () => {
  const state = runningNetwork([], { snapshot: snapshotOf({ takenAtMs: 1001 }) })
  expect(meshDocument([state], facts).networks[0]?.snapshotAgeSeconds).toBe(0)
  expect(meshDocument([networkState()], facts).networks[0]).not.toHaveProperty('snapshotAgeSeconds')
})

test('a network with a companion says how it stands with it, and one without says nothing', () => {
  const target = { peerId: 'a', phase: 'waiting', failures: 1, lastError: 'refused' } as const
  const states = [
    runningNetwork([], { networkId: 'x', snapshot: snapshotOf({ targets: [target] }) }),
    networkState({ networkId: 'y' }),
    networkState({ networkId: 'z' }),
  ]
  const companions = new Map([
    ['x', 'a'],
    ['y', 'b'],
  ])
  const { networks } = meshDocument(states, { ...facts, companions, names: new Map([['a', 'zeam_0']]) })
  expect(networks.map(({ companion }) => companion)).toEqual([
    { peerId: 'a', name: 'zeam_0', phase: 'waiting', lastError: 'refused' },
    { peerId: 'b', name: null, phase: 'unknown' },
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
