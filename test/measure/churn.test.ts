import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createChurn, type Churn } from '../../src/measure/churn.ts'
import { createTotals, type Totals } from '../../src/measure/totals.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'

const TOPICS = [BLOCK, AGGREGATION]

describe('churn', () => {
  let mesh: Record<string, string[]>
  let subscribers: Record<string, string[]>
  let linked: string[]
  let nowMs: number
  let totals: Totals
  let churn: Churn

  beforeEach(() => {
    mesh = { [BLOCK]: [], [AGGREGATION]: [] }
    subscribers = { [BLOCK]: ['a', 'b'], [AGGREGATION]: ['a', 'b'] }
    linked = ['a', 'b']
    nowMs = 1000
    totals = createTotals(TOPICS)
    churn = createChurn(TOPICS, totals, {
      meshPeers: (topic) => mesh[topic] ?? [],
      isLinked: (peer) => linked.includes(peer),
      isSubscribed: (peer, topic) => subscribers[topic]?.includes(peer) ?? false,
      nowMs: () => nowMs,
    })
  })

  const counts = () =>
    Object.fromEntries(
      totals
        .read()
        .filter(({ metric }) => metric.startsWith('leanmesh_mesh_'))
        .map(({ metric, labels, value }) => [
          `${metric.slice('leanmesh_mesh_'.length, -'_total'.length)} ${labels['topic'] === BLOCK ? 'block' : 'aggregation'} ${labels['reason']}`,
          value,
        ]),
    )
  const settle = () => {
    nowMs += 1000
    churn.compare()
  }

  it('counts a peer that an event names only if the mesh has it', () => {
    churn.onEvent(BLOCK, 'a', 'by_peer')
    expect(counts()).toEqual({})
    mesh[BLOCK] = ['a']
    churn.onEvent(BLOCK, 'a', 'by_peer')
    churn.onEvent(BLOCK, 'a', 'by_us')
    churn.compare()
    expect(counts()).toEqual({ 'grafts block by_peer': 1 })
  })

  it('counts a peer that is gone, and so subscribes to nothing, as disconnected', () => {
    mesh[BLOCK] = ['a']
    churn.compare()
    mesh[BLOCK] = []
    subscribers[BLOCK] = []
    linked = []
    settle()
    settle()
    expect(counts()).toEqual({ 'grafts block by_us': 1, 'prunes block disconnected': 1 })
  })

  it('counts a peer that no event named as grafted by us', () => {
    mesh[BLOCK] = ['a']
    churn.compare()
    expect(counts()).toEqual({ 'grafts block by_us': 1 })
  })

  it.each([
    ['by_peer', () => churn.onEvent(BLOCK, 'a', 'by_peer')],
    ['by_us', () => churn.onEvent(BLOCK, 'a', 'by_us')],
    ['disconnected', () => ((linked = ['b']), churn.onGone('a'))],
    ['unsubscribed', () => ((subscribers[BLOCK] = ['b']), churn.onEvent(BLOCK, 'a', 'by_peer'))],
    ['disconnected', () => ((linked = ['b']), churn.compare())],
    ['unsubscribed', () => ((subscribers[BLOCK] = ['b']), churn.compare())],
  ])('tells a prune %s', (reason, leave) => {
    mesh[BLOCK] = ['a']
    churn.compare()
    mesh[BLOCK] = []
    leave()
    settle()
    settle()
    expect(counts()).toEqual({ 'grafts block by_us': 1, [`prunes block ${reason}`]: 1 })
  })

  it('takes a PRUNE that is followed by a goodbye for what it is', () => {
    mesh[BLOCK] = ['a']
    churn.compare()
    mesh[BLOCK] = []
    churn.onEvent(BLOCK, 'a', 'by_peer')
    churn.compare()
    nowMs += 100
    linked = ['b']
    settle()
    expect(counts()).toMatchObject({ 'prunes block disconnected': 1 })
  })

  it('counts a peer that left and is back between two comparisons, and begins its time anew', () => {
    mesh[BLOCK] = ['a']
    churn.compare()
    nowMs = 5000
    mesh[BLOCK] = []
    churn.onEvent(BLOCK, 'a', 'by_peer')
    mesh[BLOCK] = ['a']
    churn.onEvent(BLOCK, 'a', 'by_us')
    expect(counts()).toEqual({ 'grafts block by_us': 2, 'prunes block by_peer': 1 })
    expect(churn.meshedSinceMs()).toEqual([['a', 5000]])
  })

  it('tells since when a peer is in any mesh, and nothing of one that is in none', () => {
    mesh[BLOCK] = ['a', 'b']
    churn.compare()
    nowMs = 2000
    mesh[AGGREGATION] = ['a']
    churn.compare()
    mesh[BLOCK] = []
    churn.compare()
    expect(churn.meshedSinceMs()).toEqual([['a', 1000]])
  })

  it('grafts less prunes are the mesh, whatever happens', () => {
    const peers = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))
    const step = fc.record({
      mesh: peers,
      subscribers: peers,
      linked: peers,
      event: fc.constantFrom('a', 'b', 'c', 'd'),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const own = createTotals(TOPICS)
        let current: string[] = []
        let clock = 0
        const tracked = createChurn(TOPICS, own, {
          meshPeers: (topic) => (topic === BLOCK ? current : []),
          isLinked: () => true,
          isSubscribed: () => true,
          nowMs: () => clock,
        })
        for (const { mesh: next, event } of steps) {
          current = next
          tracked.onEvent(BLOCK, event, 'by_peer')
          tracked.compare()
          clock += 100
        }
        clock += 1000
        tracked.compare()
        const total = (metric: string) =>
          own
            .read()
            .filter((each) => each.metric === metric)
            .reduce((sum, { value }) => sum + Number(value), 0)
        const left = total('leanmesh_mesh_grafts_total') - total('leanmesh_mesh_prunes_total')
        expect(left).toBe(current.length)
        expect(
          tracked
            .meshedSinceMs()
            .map(([peer]) => peer)
            .sort(),
        ).toEqual([...current].sort())
      }),
    )
  })
})
