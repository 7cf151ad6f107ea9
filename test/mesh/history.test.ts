import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketQuantile } from '../../src/mesh/histogram.ts'
import { createHistory, HISTORY_MS, HISTORY_STEP_MS } from '../../src/mesh/history.ts'
import { ARRIVAL_BUCKETS } from '../../src/mesh/lean-buckets.ts'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import type { Total } from '../../src/mesh/totals.ts'
import { networkState, runningNetwork } from '../support/network-states.ts'

const accepted = (kind: string, value: number): Total => ({
  metric: 'leanmesh_gossip_messages_total',
  labels: { topic_kind: kind, result: 'accepted' },
  value,
})

/** Arrivals by bucket, from the first one. */
const arrivals = (kind: string, ...first: number[]): Total => ({
  metric: 'leanmesh_slot_arrival_delay_seconds',
  labels: { topic_kind: kind },
  value: { counts: [...ARRIVAL_BUCKETS, 0].map((_, index) => first[index] ?? 0), sum: 0 },
})

const running = (...totals: Total[]): NetworkState => runningNetwork(['a', 'b'], { totals })

describe('the history of a network', () => {
  test('has its mesh at each step, and what came of each kind since the one before', () => {
    const history = createHistory()
    history.record([running(accepted('block', 3))], 0)
    history.record([running(accepted('block', 8), accepted('attestation', 100))], 20_000)
    expect(history.read('0')).toEqual([
      { atMs: 0, meshPeers: 2 },
      {
        atMs: 20_000,
        meshPeers: 2,
        kinds: { block: { perSecond: 0.25 }, aggregation: { perSecond: 0 }, attestation: { perSecond: 5 } },
      },
    ])
  })

  test('counts accepted messages only', () => {
    const history = createHistory()
    const refused = { ...accepted('block', 50), labels: { topic_kind: 'block', result: 'undecodable' } }
    history.record([running()], 0)
    history.record([running(refused, accepted('block', 20))], 20_000)
    expect(history.read('0')[1]?.kinds?.block.perSecond).toBe(1)
  })

  test('has the median arrival of the step alone', () => {
    const history = createHistory()
    history.record([running(arrivals('block', 1000))], 0)
    history.record([running(arrivals('block', 1000, 0, 0, 4))], 20_000)
    expect(history.read('0')[1]?.kinds?.block.arrivalSeconds).toBeCloseTo(0.3)
  })

  test('has a gap while the network does not run, and rates only from its second step on', () => {
    const history = createHistory()
    history.record([running(accepted('block', 5))], 0)
    history.record([networkState({ totals: [accepted('block', 5)] })], 20_000)
    history.record([running(accepted('block', 9))], 40_000)
    history.record([running(accepted('block', 14))], 60_000)
    const [, gap, back, next] = history.read('0')
    expect(gap).toEqual({ atMs: 20_000 })
    expect(back).toEqual({ atMs: 40_000, meshPeers: 2 })
    expect(next?.kinds?.block.perSecond).toBe(0.25)
  })

  test('keeps an hour of each network, however long it runs', () => {
    const history = createHistory()
    const states = [running(), runningNetwork([], { networkId: '1' })]
    for (let step = 0; step < 1000; step++) history.record(states, step * HISTORY_STEP_MS)
    for (const networkId of ['0', '1']) {
      const points = history.read(networkId)
      expect(points).toHaveLength(HISTORY_MS / HISTORY_STEP_MS)
      expect(points.at(-1)?.atMs).toBe(999 * HISTORY_STEP_MS)
    }
    expect(history.read('2')).toEqual([])
  })

  test('totals that go back, and steps of no length, give no rate below 0 and none that is not a number', () => {
    const history = createHistory()
    history.record([running(accepted('block', 9), arrivals('block', 9))], 0)
    history.record([running(accepted('block', 5), arrivals('block', 5))], 20_000)
    history.record([running(accepted('block', 5))], 20_000)
    expect(history.read('0')[1]?.kinds?.block).toEqual({ perSecond: 0 })
    expect(history.read('0')[2]).toEqual({ atMs: 20_000, meshPeers: 2 })
  })
})

describe('a quantile of buckets', () => {
  test('is spread evenly within a bucket, and the last bound beyond it', () => {
    expect(bucketQuantile(0.5, [1, 2, 4], [0, 0, 4, 0])).toBe(3)
    expect(bucketQuantile(0.5, [1, 2, 4], [2, 2, 0, 0])).toBe(1)
    expect(bucketQuantile(0.5, [1, 2, 4], [0, 0, 0, 9])).toBe(4)
    expect(bucketQuantile(0.5, [1, 2, 4], [0, 0, 0, 0])).toBeUndefined()
  })

  test('lies within the bucket that holds it, and never falls when the share grows', () => {
    const counts = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(counts, (some) => {
        const values = [0.1, 0.5, 0.9, 1].map((share) => bucketQuantile(share, [1, 2, 4], some) ?? 0)
        expect(values).toEqual(values.toSorted((a, b) => a - b))
        expect(Math.max(...values)).toBeLessThanOrEqual(4)
      }),
    )
  })
})
