import { describe, expect, test } from 'vitest'
import { parseReport } from '../../src/channel/parse-report.ts'
import { MAX_NAMES } from '../../src/mesh/names.ts'
import { largestTotals } from '../support/largest-totals.ts'
import { companionOf, headOf, snapshotOf } from '../support/network-states.ts'

/** As it arrives: JSON has been made of it and read again. */
const sent = (message: unknown): unknown => parseReport(JSON.parse(JSON.stringify(message)))

describe('a message of a swarm', () => {
  test('that is right comes through whole, with all that a snapshot may hold', () => {
    const histogram = { metric: 'b', labels: {}, value: { counts: [1, 2], sum: 3 } }
    const snapshot = snapshotOf({
      topics: [{ topic: 't', mesh: ['a'], subscribers: 2 }],
      targets: [{ peerId: 'a', phase: 'waiting', failures: 1, lastError: 'refused', failure: 'unreachable' }],
      companion: companionOf('a', { speaksGossipsub: true, topics: ['t'] }),
      messages: { lastAcceptedAtMs: { block: 5 }, clock: { state: 'suspect', offsetSeconds: -3 } },
      meshedSinceMs: [['a', 4]],
      foreignForks: { peers: 1, digests: [{ forkDigest: 'devnet0', peers: 1 }] },
      heads: [headOf('a')],
      totals: [{ metric: 'a', labels: { result: 'ok' }, value: 1 }, histogram],
      gossipsub: { totals: [histogram], levels: [{ metric: 'c', labels: {}, value: 7 }] },
    })
    expect(sent({ type: 'snapshot', id: 3, snapshot })).toEqual({ type: 'snapshot', id: 3, snapshot })
    expect(sent({ type: 'warning', message: 'w', suppressed: 2 })).toEqual({
      type: 'warning',
      message: 'w',
      suppressed: 2,
    })
  })

  test('comes through whole with a whole table of the longest names, as many peers as there may be, and all that they tell', () => {
    // Those that dial, and those that are dialled.
    const peers = Array.from({ length: 300 + 1000 }, (_, index) => `peer-${index}`)
    const snapshot = snapshotOf({
      connectedPeers: peers,
      agents: peers.map((peer) => [peer, 'x'.repeat(64)]),
      targets: peers.slice(300).map((peerId) => ({ peerId, phase: 'connected', failures: 0 })),
      heads: peers.map((peer) => headOf(peer)),
      totals: largestTotals(),
    })
    expect(snapshot.totals.length).toBeGreaterThan(3 * MAX_NAMES)
    expect(sent({ type: 'snapshot', id: 1, snapshot })).toEqual({ type: 'snapshot', id: 1, snapshot })
  })

  test('may hold a number that is not finite where the metrics plane leaves such out', () => {
    const totals = [{ metric: 'a', labels: {}, value: Number.POSITIVE_INFINITY }]
    expect(sent({ type: 'snapshot', snapshot: snapshotOf({ totals }) })).toMatchObject({
      snapshot: { totals: [{ value: Number.NaN }] },
    })
  })

  test.each([
    ['nothing', null, 'as a whole'],
    ['a text', 'snapshot', 'as a whole'],
    ['no type that there is', { type: 'stop' }, 'type'],
    ['no snapshot', { type: 'snapshot' }, 'snapshot'],
    [
      'a mesh that is no list',
      { type: 'snapshot', snapshot: { ...snapshotOf(), topics: { t: [] } } },
      'snapshot.topics',
    ],
    [
      'a list beyond all bounds',
      { type: 'snapshot', snapshot: { ...snapshotOf(), connectedPeers: Array(50_001).fill('') } },
      'connectedPeers',
    ],
    [
      'a histogram beyond all bounds',
      {
        type: 'snapshot',
        snapshot: snapshotOf({
          totals: [{ metric: 'm', labels: {}, value: { counts: Array<number>(65).fill(0), sum: 0 } }],
        }),
      },
      'snapshot.totals',
    ],
    ['a text beyond all bounds', { type: 'failed', message: 'x'.repeat(10_001) }, 'message'],
  ])('with %s is refused by name', (_, message, where) => {
    expect(() => parseReport(message)).toThrow(
      expect.objectContaining({ code: 'ERR_CHANNEL_REPORT', message: expect.stringContaining(where) as string }),
    )
  })
})
