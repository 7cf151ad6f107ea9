import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RejectReason } from '../../src/metrics/sidecar-rows.ts'
import type { Total } from '../../src/mesh/totals.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { swarmTotalSamples } from '../../src/metrics/swarm-totals.ts'
import { AGGREGATION, BLOCK, networkState } from '../support/network-states.ts'

function samplesOf(totals: Total[], names?: Map<string, string>) {
  const rejected: RejectReason[] = []
  const samples = swarmTotalSamples([networkState({ totals })], names, (reason) => rejected.push(reason))
  return { rejected, samples }
}

describe('the totals of a swarm', () => {
  it.each([
    ['a metric without a row', 'leanmesh_surprise_total', { result: 'success' }, 1, 'unknown_metric'],
    ['a metric that is not its own', 'leanmesh_swarm_restarts_total', { reason: 'exit' }, 1, 'unknown_metric'],
    ['a value outside the closed set', 'leanmesh_dials_total', { result: 'maybe' }, 1, 'wrong_labels'],
    ['a label beyond the row', 'leanmesh_dials_total', { result: 'success', peer: 'x' }, 1, 'wrong_labels'],
    ['a missing label', 'leanmesh_dials_total', {}, 1, 'wrong_labels'],
    ['a network_id of its own', 'leanmesh_dials_total', { result: 'success', network_id: '9' }, 1, 'wrong_labels'],
    ['a value below zero', 'leanmesh_dials_total', { result: 'success' }, -1, 'invalid_value'],
    [
      'a histogram as a counter',
      'leanmesh_dials_total',
      { result: 'success' },
      { counts: [1], sum: 1 },
      'invalid_value',
    ],
    ['a counter as a histogram', 'lean_gossip_block_size_bytes', {}, 1, 'invalid_value'],
    ['too few buckets', 'lean_gossip_block_size_bytes', {}, { counts: [1, 2], sum: 3 }, 'invalid_value'],
    ['no client', 'leanmesh_first_delivery_total', { topic_kind: 'block' }, 1, 'wrong_labels'],
    [
      'a topic that is not configured',
      'leanmesh_mesh_grafts_total',
      { topic: '/x', reason: 'by_us' },
      1,
      'wrong_labels',
    ],
    ['no topic', 'leanmesh_mesh_grafts_total', { reason: 'by_us' }, 1, 'wrong_labels'],
    ['a client that it has not', 'leanmesh_dials_total', { result: 'success', client: 'zeam_0' }, 1, 'wrong_labels'],
    ['a value that is no number', 'leanmesh_dials_total', { result: 'success' }, Number.NaN, 'invalid_value'],
  ])('leave out %s, and say so', (_, metric, labels, value, reason) => {
    const { rejected, samples } = samplesOf([{ metric, labels, value }])
    expect(rejected).toEqual([reason])
    expect(samples.filter(({ value }) => value !== 0)).toEqual(samplesOf([]).samples.filter(({ value }) => value !== 0))
  })

  it('replace the 0 that a series starts with, whatever the order of their labels', () => {
    const { samples } = samplesOf([
      { metric: 'leanmesh_gossip_messages_total', labels: { result: 'accepted', topic_kind: 'block' }, value: 5 },
    ])
    const accepted = samples.filter(({ labels }) => labels['topic_kind'] === 'block' && labels['result'] === 'accepted')
    expect(accepted.map(({ value }) => value)).toEqual([5])
  })

  it('are those of this scrape alone, also where one before had the same topics', () => {
    const state = networkState({
      totals: [{ metric: 'leanmesh_dials_total', labels: { result: 'success' }, value: 5 }],
    })
    const [first, second] = [state, { ...state, totals: [] }].map((each) =>
      swarmTotalSamples([each], undefined, expect.fail),
    )
    const dials = (samples = first) =>
      samples?.find(({ metric, labels }) => metric === 'leanmesh_dials_total' && labels['result'] === 'success')
    expect([dials(first)?.value, dials(second)?.value]).toEqual([5, 0])
    expect(second?.map(({ metric, labels }) => ({ metric, labels }))).toEqual(
      first?.map(({ metric, labels }) => ({ metric, labels })),
    )
  })

  it('end, without a complaint, when the name is removed from the table', () => {
    const first = { metric: 'leanmesh_first_delivery_total', value: 3 }
    const totals = ['zeam_0', 'ream_0'].map((client) => ({ ...first, labels: { client, topic_kind: 'block' } }))
    const { rejected, samples } = samplesOf(totals, new Map([['peer', 'zeam_0']]))
    const clients = samples.filter(({ metric }) => metric === first.metric).map(({ labels }) => labels['client'])
    expect(clients).toContain('zeam_0')
    expect(clients).not.toContain('ream_0')
    expect(rejected).toEqual([])
  })

  it('are added up over the networks where their row has no network_id', () => {
    const sizes = { metric: 'lean_gossip_attestation_size_bytes', labels: {} }
    const states = [1, 2].map((sum) => {
      const value = { counts: [sum, 0, 0, 0, 0, 0, 0], sum }
      return networkState({ networkId: `${sum}`, totals: [{ ...sizes, value }] })
    })
    const samples = swarmTotalSamples(states, undefined, () => undefined)
    const found = samples.filter(({ metric }) => metric === sizes.metric)
    expect(found).toEqual([{ ...sizes, value: { counts: [3, 0, 0, 0, 0, 0, 0], sum: 3 } }])
  })

  it('are those of the catalogue, series by series', () => {
    const totals = createTotals([BLOCK, AGGREGATION])
    for (const topic of [BLOCK, AGGREGATION]) {
      for (const reason of ['by_peer', 'by_us']) totals.counter('leanmesh_mesh_grafts_total', { topic, reason }).value++
      for (const reason of ['by_peer', 'by_us', 'disconnected', 'unsubscribed']) {
        totals.counter('leanmesh_mesh_prunes_total', { topic, reason }).value++
      }
    }
    const { rejected, samples } = samplesOf(totals.read())
    expect(rejected).toEqual([])
    expect(samples).toHaveLength(totals.read().length)
  })

  it('never become more series than the rows allow, whatever a swarm sends', () => {
    const most = samplesOf([]).samples.length
    const total = fc.record({
      metric: fc.oneof(fc.constantFrom('leanmesh_dials_total', 'leanmesh_status_requests_total'), fc.string()),
      labels: fc.dictionary(fc.oneof(fc.constantFrom('result', 'reason'), fc.string()), fc.string()),
      value: fc.double(),
    })
    fc.assert(fc.property(fc.array(total), (totals) => samplesOf(totals).samples.length === most))
  })
})
