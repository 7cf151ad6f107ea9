import { expect, test } from 'vitest'
import type { ClockStanding } from '../../src/mesh/clock-standing.ts'
import type { MessagesState } from '../../src/mesh/snapshot.ts'
import { messageSamples } from '../../src/metrics/messages.ts'
import { networkState, runningNetwork, snapshotOf } from '../support/network-states.ts'

function samples(messages: MessagesState, nowMs = 10_000): Record<string, number> {
  const state = runningNetwork([], { snapshot: snapshotOf({ messages }) })
  const entries = messageSamples([state], nowMs).map(({ metric, labels, value }) => {
    expect(labels['network_id']).toBe('0')
    return [[metric, labels['topic_kind']].filter(Boolean).join(' '), value] as const
  })
  return Object.fromEntries(entries)
}

const withClock = (clock: ClockStanding) => samples({ lastAcceptedAtMs: {}, clock })

test('the age of the last message is that of each kind of which one came', () => {
  expect(samples({ lastAcceptedAtMs: { block: 4000, attestation: 9999 }, clock: { state: 'untimed' } })).toEqual({
    'leanmesh_last_message_age_seconds block': 6,
    'leanmesh_last_message_age_seconds attestation': 0.001,
  })
})

test('a message that came during the scrape is 0 s old', () => {
  const messages: MessagesState = { lastAcceptedAtMs: { block: 10_001 }, clock: { state: 'untimed' } }
  expect(samples(messages)).toEqual({ 'leanmesh_last_message_age_seconds block': 0 })
})

test('the clock has series once it is judged, and an offset where the messages agree', () => {
  expect(withClock({ state: 'untimed' })).toEqual({})
  expect(withClock({ state: 'unjudged' })).toEqual({})
  expect(withClock({ state: 'good' })).toEqual({ leanmesh_clock_suspect: 0 })
  expect(withClock({ state: 'good', offsetSeconds: 0.3 })).toEqual({
    leanmesh_clock_suspect: 0,
    leanmesh_clock_offset_seconds: 0.3,
  })
  expect(withClock({ state: 'suspect', offsetSeconds: -60 })).toEqual({
    leanmesh_clock_suspect: 1,
    leanmesh_clock_offset_seconds: -60,
  })
})

test('a network that does not run has none of it', () => {
  expect(messageSamples([networkState({ phase: 'restarting' }), networkState()], 0)).toEqual([])
})
