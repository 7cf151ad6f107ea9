import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTotalsMemory, createTotalsTeller } from '../../src/channel/changed-totals.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { seriesKey, type Total } from '../../src/mesh/totals.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const byKey = (totals: readonly Total[]) => new Map(totals.map((total) => [seriesKey(total), total.value]))
/** As it comes over the channel. */
const sent = (totals: readonly Total[]) => JSON.parse(JSON.stringify(totals)) as Total[]

type Event = { kind: 'dial' | 'message' | 'client' } | { kind: 'arrival'; seconds: number }

function count(totals: ReturnType<typeof createTotals>, event: Event): void {
  if (event.kind === 'dial') totals.counter('leanmesh_dials_total', { result: 'success' }).value++
  if (event.kind === 'message') {
    totals.counter('leanmesh_gossip_messages_total', { topic_kind: 'block', result: 'accepted' }).value++
  }
  if (event.kind === 'client') totals.addClient('zeam_0')
  if (event.kind === 'arrival') totals.histogram('lean_gossip_block_arrival_delay_seconds').observe(event.seconds)
}

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event[]>({ kind: 'dial' }, { kind: 'message' }, { kind: 'client' }),
  fc.record({ kind: fc.constant('arrival' as const), seconds: fc.constantFrom(0, 0.3, 1, 9) }),
)

test('whatever is counted between two readings, what was told is all that there is', () => {
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 4 }), { maxLength: 6 }), (seconds) => {
      const totals = createTotals([TOPIC])
      const [changed, all] = [createTotalsTeller(), createTotalsMemory()]
      for (const events of seconds) {
        for (const each of events) count(totals, each)
        const read = totals.read()
        expect(byKey(all(sent(changed(read))))).toEqual(byKey(read))
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

test('who makes up new series each time is refused, before they fill the memory', () => {
  const all = createTotalsMemory()
  const made = (from: number) =>
    Array.from({ length: 5000 }, (_, index) => ({ metric: 'm', labels: { l: `${from + index}` }, value: 1 }))
  for (const from of [0, 5000, 10_000, 15_000]) all(made(from))
  expect(() => all(made(20_000))).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_REPORT' }))
})
