import { describe, expect, it } from 'vitest'
import type { GossipsubState } from '../../src/mesh/gossipsub-state.ts'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import { GOSSIPSUB_METRICS, gossipsubSamples } from '../../src/metrics/gossipsub.ts'
import { BLOCK, networkState } from '../support/network-states.ts'

const FORWARDED = 'gossipsub_msg_forward_count_total'
const HEARTBEAT = 'gossipsub_heartbeat_duration_seconds'
const MESH = 'gossipsub_mesh_peers'

function samplesOf(told: Partial<GossipsubState>, overrides: Partial<NetworkState> = {}) {
  const rejected: string[] = []
  const gossipsub = { totals: [], levels: [], ...told }
  const state = networkState({ topics: [BLOCK], gossipsub, ...overrides })
  const samples = gossipsubSamples([state], (reason) => rejected.push(reason))
  const values = (metric: string) =>
    Object.fromEntries(
      samples.filter((each) => each.metric === metric).map(({ labels, value }) => [JSON.stringify(labels), value]),
    )
  return { samples, rejected, values }
}

describe('the metrics of gossipsub', () => {
  it('have every series of a total from the start with 0, and of a level none', () => {
    const { values, samples } = samplesOf({})
    expect(values(FORWARDED)).toEqual({
      '{"network_id":"0","topic":"block"}': 0,
      '{"network_id":"0","topic":"other"}': 0,
    })
    expect(values(HEARTBEAT)).toEqual({ '{"network_id":"0"}': { counts: [0, 0, 0, 0], sum: 0 } })
    const rows = new Map(GOSSIPSUB_METRICS.map((row) => [row.name, row]))
    expect(samples.filter(({ metric }) => rows.get(metric)?.kind === 'gauge')).toEqual([])
  })

  it('are those of a network that does not run as well: its totals stay', () => {
    const total = { metric: FORWARDED, labels: { topic: 'block' }, value: 9 }
    const level = { metric: MESH, labels: { topic: 'block' }, value: 3 }
    expect(samplesOf({ totals: [total], levels: [level] }).values(MESH)).toEqual({
      '{"network_id":"0","topic":"block"}': 3,
    })
    const ended = samplesOf({ totals: [total] })
    expect(ended.values(FORWARDED)).toMatchObject({ '{"network_id":"0","topic":"block"}': 9 })
    expect(ended.values(MESH)).toEqual({})
  })

  it.each([
    ['a name that is in no table', { metric: 'gossipsub_made_up_total', labels: {}, value: 1 }],
    ['a topic that is not configured', { metric: FORWARDED, labels: { topic: 'made-up' }, value: 1 }],
    ['a label too many', { metric: FORWARDED, labels: { topic: 'block', client: 'x' }, value: 1 }],
    ['a level among the totals', { metric: MESH, labels: { topic: 'block' }, value: 1 }],
  ])('leave out %s, and tell', (_, total) => {
    const { samples, rejected } = samplesOf({ totals: [total] })
    expect(samples).toEqual(samplesOf({}).samples)
    expect(rejected).toEqual(['wrong_labels'])
  })

  it.each([
    ['a negative total', { metric: FORWARDED, labels: { topic: 'block' }, value: -1 }],
    ['a histogram with buckets of its own', { metric: HEARTBEAT, labels: {}, value: { counts: [1], sum: 1 } }],
    ['a histogram that is a number', { metric: HEARTBEAT, labels: {}, value: 4 }],
  ])('leave out %s, and tell', (_, total) => {
    const { samples, rejected } = samplesOf({ totals: [total] })
    expect(samples).toEqual(samplesOf({}).samples)
    expect(rejected).toEqual(['invalid_value'])
  })

  it('of a closed label that the table does not foresee are `other`, when there are any, and are no fault', () => {
    const total = { metric: 'gossipsub_cache_size', labels: { cache: 'other' }, value: 2 }
    const { values, rejected } = samplesOf({ levels: [total] })
    expect(values('gossipsub_cache_size')).toEqual({ '{"network_id":"0","cache":"other"}': 2 })
    const invalid = { metric: 'gossipsub_msg_received_invalid_total', labels: { error: 'other' }, value: 3 }
    const counted = samplesOf({ totals: [invalid] })
    expect(counted.values(invalid.metric)['{"network_id":"0","error":"other"}']).toBe(3)
    expect(samplesOf({}).values(invalid.metric)).not.toHaveProperty('{"network_id":"0","error":"other"}')
    expect([rejected, counted.rejected]).toEqual([[], []])
  })

  it('leave out a level that is no number, and take one below 0', () => {
    const score = (value: number) => samplesOf({ levels: [{ metric: 'gossipsub_score_min', labels: {}, value }] })
    expect(score(Number.NaN).values('gossipsub_score_min')).toEqual({})
    expect(score(Number.NaN).rejected).toEqual(['invalid_value'])
    expect(score(-2).values('gossipsub_score_min')).toEqual({ '{"network_id":"0"}': -2 })
  })

  it('have no name that the catalogue has', () => {
    const names = new Set<string>(CATALOGUE.map(({ name }) => name))
    expect(GOSSIPSUB_METRICS.filter(({ name }) => names.has(name))).toEqual([])
  })
})
