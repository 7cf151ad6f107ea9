import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTotalsMemory, createTotalsTeller } from '../../src/channel/changed-totals.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { seriesKey, type Total } from '../../src/mesh/totals.ts'
import { largestTotals } from '../support/largest-totals.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const byKey = (totals: readonly Total[]) => new Map(totals.map((total) => [seriesKey(total), total.value]))
/** As it comes over the channel. */
const sent = (totals: readonly Total[]) => JSON.parse(JSON.stringify(totals)) as Total[]

type Event = { kind: 'dial' | 'message' | 'client' | 'graft' } | { kind: 'arrival'; seconds: number }

function count(totals: ReturnType<typeof createTotals>, event: Event): void {
  if (event.kind === 'dial') totals.counter('leanmesh_dials_total', { result: 'success' }).value++
  if (event.kind === 'message') {
    totals.counter('leanmesh_gossip_messages_total', { topic_kind: 'block', result: 'accepted' }).value++
  }
  if (event.kind === 'client') totals.addClient('zeam_0')
  if (event.kind === 'graft') totals.counter('leanmesh_mesh_grafts_total', { topic: TOPIC, reason: 'by_peer' }).value++
  if (event.kind === 'arrival') totals.histogram('lean_gossip_block_arrival_delay_seconds').observe(event.seconds)
}

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event[]>({ kind: 'dial' }, { kind: 'message' }, { kind: 'client' }, { kind: 'graft' }),
  fc.record({ kind: fc.constant('arrival' as const), seconds: fc.constantFrom(0, 0.3, 1, 9) }),
)
/** What happens between two readings, and whether the second one is asked for, and so told in full. */
const second = fc.record({ events: fc.array(event, { maxLength: 4 }), isAsked: fc.boolean() })

test('whatever is counted between two readings, what was told is all that there is', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 6 }), (seconds) => {
      const totals = createTotals([TOPIC])
      const [changed, all] = [createTotalsTeller(), createTotalsMemory()]
      for (const { events, isAsked } of seconds) {
        for (const each of events) count(totals, each)
        const read = totals.read()
        const pushed = changed(read)
        expect(byKey(all(sent(isAsked ? read : pushed)))).toEqual(byKey(read))
      }
    }),
  )
})

test('what did not change is told once', () => {
  const totals = createTotals([TOPIC])
  const changed = createTotalsTeller()
  expect(changed(totals.read())).toHaveLength(totals.read().length)
  expect(changed(totals.read())).toEqual([])
  totals.counter('leanmesh_dials_total', { result: 'failure' }).value++
  totals.histogram('lean_gossip_block_arrival_delay_seconds').observe(0)
  expect(changed(totals.read()).map(({ metric }) => metric)).toEqual([
    'leanmesh_dials_total',
    'lean_gossip_block_arrival_delay_seconds',
  ])
  expect(changed(totals.read())).toEqual([])
})

test('all that one swarm may have is remembered, with the largest table of the longest names', () => {
  const all = createTotalsMemory()
  const totals = largestTotals()
  expect(all(totals)).toEqual(totals)
  expect(all([])).toEqual(totals)
})

test('who makes up long series is refused, however few they are', () => {
  const all = createTotalsMemory()
  const long = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`l${index}`, 'x'.repeat(1000)]))
  const made = (metric: string) => [{ metric, labels: long, value: 1 }]
  for (const metric of ['a', 'b', 'c']) all(made(metric))
  expect(() => ['d', 'e', 'f', 'g', 'h', 'i', 'j'].forEach((metric) => all(made(metric)))).toThrow(/more series/)
})

test('who makes up new series each time is refused, before they fill the memory', () => {
  const all = createTotalsMemory()
  const made = (from: number) =>
    Array.from({ length: 5000 }, (_, index) => ({ metric: 'm', labels: { l: `${from + index}` }, value: 1 }))
  for (const from of [0, 5000, 10_000, 15_000]) all(made(from))
  expect(() => all(made(20_000))).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_REPORT' }))
})
