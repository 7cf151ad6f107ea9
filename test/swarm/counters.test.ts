import { describe, expect, it } from 'vitest'
import { createCounters } from '../../src/swarm/counters.ts'

const labels = { topic_kind: 'block', result: 'accepted' }
const valueOf = (counters: ReturnType<typeof createCounters>) =>
  counters.totals().find(({ metric, labels: found }) => {
    return (
      metric === 'leanmesh_gossip_messages_total' && found['topic_kind'] === 'block' && found['result'] === 'accepted'
    )
  })?.value

describe('counters', () => {
  it('have every series from the start, with 0', () => {
    const totals = createCounters().totals()
    expect(totals.every(({ value }) => value === 0)).toBe(true)
    for (const topic_kind of ['block', 'aggregation', 'attestation', 'other']) {
      for (const result of ['accepted', 'undecodable', 'oversized']) {
        const metric = 'leanmesh_gossip_messages_total'
        expect(totals).toContainEqual({ metric, labels: { topic_kind, result }, value: 0 })
      }
    }
    expect(totals.filter(({ metric }) => metric === 'leanmesh_dials_total')).toHaveLength(2)
  })

  it('count, and a total that was read does not change afterwards', () => {
    const counters = createCounters()
    const before = counters.totals()
    counters.increment('leanmesh_gossip_messages_total', labels)
    counters.increment('leanmesh_gossip_messages_total', labels)
    expect(valueOf(counters)).toBe(2)
    expect(before.every(({ value }) => value === 0)).toBe(true)
  })

  it('never grow a series that was not foreseen', () => {
    const counters = createCounters()
    const before = counters.totals().length
    counters.increment('leanmesh_gossip_messages_total', { topic_kind: 'anything', result: 'accepted' })
    expect(counters.totals()).toHaveLength(before)
  })
})
