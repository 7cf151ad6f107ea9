import { describe, expect, it, vi } from 'vitest'
import { createTotals, keptCounters } from '../../src/measure/totals.ts'
import { MAX_NAMES } from '../../src/mesh/names.ts'

const MESSAGES = 'leanmesh_gossip_messages_total'
const FIRST = 'leanmesh_first_delivery_total'
const labels = { topic_kind: 'block', result: 'accepted' }

describe('totals', () => {
  it('have every series of a counter from the start, with 0', () => {
    const totals = createTotals().read()
    expect(totals.filter(({ value }) => typeof value === 'number' && value !== 0)).toEqual([])
    for (const topic_kind of ['block', 'aggregation', 'attestation', 'other']) {
      for (const result of ['accepted', 'undecodable', 'oversized']) {
        expect(totals).toContainEqual({ metric: MESSAGES, labels: { topic_kind, result }, value: 0 })
      }
    }
    expect(totals.filter(({ metric }) => metric === 'leanmesh_dials_total')).toHaveLength(2)
  })

  it('count, and a total that was read does not change afterwards', () => {
    const totals = createTotals()
    const before = totals.read()
    totals.counter(MESSAGES, labels).value++
    totals.histogram('lean_gossip_block_size_bytes').observe(20_000)
    expect(totals.read()).toContainEqual({ metric: MESSAGES, labels, value: 1 })
    expect(before).toEqual(createTotals().read())
  })

  it('are found by their labels in any order', () => {
    const totals = createTotals()
    expect(totals.counter(MESSAGES, { result: 'accepted', topic_kind: 'block' })).toBe(totals.counter(MESSAGES, labels))
  })

  it('never grow a series that was not foreseen', () => {
    const unforeseen = { topic_kind: 'anything', result: 'accepted' }
    expect(() => createTotals().counter(MESSAGES, unforeseen)).toThrow('leanmesh_gossip_messages_total has no series')
  })

  it('give a bucket what is at most its bound, and the last one what is beyond all', () => {
    const totals = createTotals()
    const sizes = totals.histogram('lean_gossip_attestation_size_bytes')
    for (const bytes of [1, 512, 513, 16_384, 16_385, 1_000_000]) sizes.observe(bytes)
    const found = totals.read().find(({ metric }) => metric === 'lean_gossip_attestation_size_bytes')
    expect(found?.value).toEqual({ counts: [2, 1, 0, 0, 0, 1, 2], sum: 1_033_795 })
  })

  it('have a series of each configured topic, which are told once there is something to tell', () => {
    const totals = createTotals(['/a', '/b'])
    expect(totals.read()).toEqual(createTotals().read())
    totals.counter('leanmesh_mesh_grafts_total', { topic: '/a', reason: 'by_us' }).value++
    expect(totals.read()).toHaveLength(createTotals().read().length + 1)
    expect(() => totals.counter('leanmesh_mesh_grafts_total', { topic: '/c', reason: 'by_us' })).toThrow('no series')
  })

  it('give a named peer its series with 0, once', () => {
    const totals = createTotals()
    const before = totals.read().length
    expect(totals.addClient('zeam_0')).toBe(true)
    totals.counter(FIRST, { client: 'zeam_0', topic_kind: 'block' }).value++
    expect(totals.addClient('zeam_0')).toBe(true)
    expect(totals.counter(FIRST, { client: 'zeam_0', topic_kind: 'block' }).value).toBe(1)
    expect(totals.read().length).toBe(before + 3)
  })

  it('give a whole table of names their series and no more, and unknown peers always', () => {
    const totals = createTotals()
    const added = Array.from({ length: MAX_NAMES + 500 }, (_, index) => totals.addClient(`zeam_${index}`)).filter(
      Boolean,
    )
    expect(added).toHaveLength(MAX_NAMES)
    expect(totals.counter(FIRST, { client: 'unknown', topic_kind: 'block' }).value).toBe(0)
  })

  it('that are kept are looked up once, and are those of their two labels', () => {
    const totals = createTotals()
    const counter = vi.spyOn(totals, 'counter')
    const kept = keptCounters(totals, MESSAGES, 'topic_kind', 'result')
    for (const kind of ['block', 'attestation', 'block']) kept(kind, 'accepted').value++
    kept('block', 'oversized').value++
    expect(counter).toHaveBeenCalledTimes(3)
    const told = totals.read().filter(({ metric, value }) => metric === MESSAGES && value !== 0)
    expect(told.map((each) => [each.labels['topic_kind'], each.labels['result'], each.value])).toEqual([
      ['block', 'accepted', 2],
      ['block', 'oversized', 1],
      ['attestation', 'accepted', 1],
    ])
    expect(() => kept('block', 'made up')).toThrow('no series')
  })
})
