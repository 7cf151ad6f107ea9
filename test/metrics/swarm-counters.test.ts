import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RejectReason } from '../../src/metrics/sidecar-rows.ts'
import { swarmCounterSamples } from '../../src/metrics/swarm-counters.ts'
import { createCounters } from '../../src/swarm/counters.ts'
import { networkState } from '../support/network-states.ts'

function samplesOf(counters: { metric: string; labels: Record<string, string>; value: number }[]) {
  const rejected: RejectReason[] = []
  const samples = swarmCounterSamples([networkState({ counters })], (reason) => rejected.push(reason))
  return { rejected, samples }
}

describe('the counters of a swarm', () => {
  it.each([
    ['a metric without a row', 'leanmesh_surprise_total', { result: 'success' }, 1, 'unknown_metric'],
    ['a metric that is not its own', 'leanmesh_swarm_restarts_total', { reason: 'exit' }, 1, 'unknown_metric'],
    ['a value outside the closed set', 'leanmesh_dials_total', { result: 'maybe' }, 1, 'wrong_labels'],
    ['a label beyond the row', 'leanmesh_dials_total', { result: 'success', peer: 'x' }, 1, 'wrong_labels'],
    ['a missing label', 'leanmesh_dials_total', {}, 1, 'wrong_labels'],
    ['a network_id of its own', 'leanmesh_dials_total', { result: 'success', network_id: '9' }, 1, 'wrong_labels'],
    ['a value below zero', 'leanmesh_dials_total', { result: 'success' }, -1, 'invalid_value'],
    ['a value that is no number', 'leanmesh_dials_total', { result: 'success' }, Number.NaN, 'invalid_value'],
  ])('leave out %s, and say so', (_, metric, labels, value, reason) => {
    const { rejected, samples } = samplesOf([{ metric, labels, value }])
    expect(rejected).toEqual([reason])
    expect(samples.every((each) => each.value === 0)).toBe(true)
  })

  it('replace the 0 that a series starts with, whatever the order of their labels', () => {
    const { samples } = samplesOf([
      { metric: 'leanmesh_gossip_messages_total', labels: { result: 'accepted', topic_kind: 'block' }, value: 5 },
    ])
    const accepted = samples.filter(({ labels }) => labels['topic_kind'] === 'block' && labels['result'] === 'accepted')
    expect(accepted.map(({ value }) => value)).toEqual([5])
  })

  it('are those of the catalogue, series by series', () => {
    const { rejected, samples } = samplesOf(createCounters().totals())
    expect(rejected).toEqual([])
    expect(samples).toHaveLength(createCounters().totals().length)
  })

  it('never become more series than the rows allow, whatever a swarm sends', () => {
    const most = samplesOf([]).samples.length
    const total = fc.record({
      metric: fc.oneof(fc.constantFrom('leanmesh_dials_total', 'leanmesh_status_requests_total'), fc.string()),
      labels: fc.dictionary(fc.oneof(fc.constantFrom('result', 'reason'), fc.string()), fc.string()),
      value: fc.double(),
    })
    fc.assert(fc.property(fc.array(total), (counters) => samplesOf(counters).samples.length === most))
  })
})
