import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { devnetAggregation, devnetAttestation, devnetBlock } from '../../src/devnet/messages.ts'
import { createMessages, type AcceptedMessage, type Messages } from '../../src/measure/messages.ts'
import { createTotals, type Totals } from '../../src/measure/totals.ts'
import type { HistogramValue } from '../../src/mesh/totals.ts'
import { TOPIC_KINDS, type TopicKind } from '../../src/mesh/topics.ts'

const GENESIS_SECONDS = 1_770_407_233
const SLOT = 500
const SLOT_START_MS = SLOT * 4000
const PAYLOADS = {
  block: devnetBlock,
  attestation: (slot: number) => devnetAttestation(slot, 1),
  aggregation: devnetAggregation,
}

interface Measured {
  messages: Messages
  totals: Totals
  /** A message that comes so many milliseconds after genesis, and names this slot. */
  accept(kind: TopicKind, sinceGenesisMs: number, slot: number, changes?: Partial<AcceptedMessage>): void
  /** The sum of a family over its series that have these labels; of a histogram, its observations. */
  sum(metric: string, labels?: Record<string, string>): number
}

function measure(
  { genesisSeconds }: { genesisSeconds?: number | undefined } = { genesisSeconds: GENESIS_SECONDS },
): Measured {
  const totals = createTotals()
  const clocks = { nowMs: 0, monotonicMs: 0 }
  const isTrusted = (peerId: string) => peerId !== 'stranger'
  const deps = { totals, nowMs: () => clocks.nowMs, monotonicMs: () => clocks.monotonicMs, isTrusted }
  const messages = createMessages(genesisSeconds, deps)
  return {
    messages,
    totals,
    accept(kind, sinceGenesisMs, slot, changes) {
      clocks.nowMs = GENESIS_SECONDS * 1000 + sinceGenesisMs
      clocks.monotonicMs += 1000
      messages.onAccepted({
        kind,
        from: 'peer',
        client: 'unknown',
        data: PAYLOADS[kind](slot),
        wireBytes: 700,
        ...changes,
      })
    },
    sum: (metric, labels = {}) => sumOf(totals, metric, labels),
  }
}

function sumOf(totals: Totals, metric: string, labels: Record<string, string>): number {
  const series = totals
    .read()
    .filter(
      (each) => each.metric === metric && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    )
  expect(series).not.toEqual([])
  const amount = (value: number | HistogramValue) =>
    typeof value === 'number' ? value : value.counts.reduce((a, b) => a + b, 0)
  return series.reduce((sum, { value }) => sum + amount(value), 0)
}

/** Eight slots in which blocks come 100 ms after their slot began: then the clock is trusted. */
function trusted(measured = measure()): Measured {
  for (let slot = SLOT - 8; slot < SLOT; slot++) measured.accept('block', slot * 4000 + 100, slot)
  return measured
}

function position(measured: Measured, kind: TopicKind, position: string): number {
  return measured.sum(`lean_gossip_${kind}_arrival_total`, { position })
}

describe('an accepted message', () => {
  it('is counted by its size on the wire, its position, and both delays', () => {
    const measured = trusted()
    measured.accept('attestation', SLOT_START_MS + 1300, SLOT, { wireBytes: 513 })
    expect(position(measured, 'attestation', 'inside')).toBe(1)
    const value = (metric: string, key = '') =>
      measured.totals.read().find((total) => total.metric === metric && (total.labels['topic_kind'] ?? '') === key)
        ?.value
    expect(value('lean_gossip_attestation_size_bytes')).toEqual({ counts: [0, 1, 0, 0, 0, 0, 0], sum: 513 })
    expect(value('lean_gossip_attestation_arrival_delay_seconds')).toMatchObject({ sum: 0.5 })
    expect(value('leanmesh_slot_arrival_delay_seconds', 'attestation')).toMatchObject({ sum: 1.3 })
  })

  it('that comes early has a delay without sign', () => {
    const measured = trusted()
    measured.accept('block', SLOT_START_MS - 3000, SLOT)
    expect(position(measured, 'block', 'before')).toBe(1)
    const delays = measured.totals.read().find(({ metric }) => metric === 'lean_gossip_block_arrival_delay_seconds')
    expect(delays?.value).toMatchObject({ sum: expect.closeTo(8 * 0.1 + 3) })
  })

  it("whose slot is not to be believed is measured by the wall clock's, and counted", () => {
    const measured = trusted()
    measured.accept('block', SLOT_START_MS + 200, SLOT + 1_000_000)
    measured.accept('block', SLOT_START_MS + 200, 0)
    measured.accept('block', SLOT_START_MS + 900, 0, { data: Buffer.of(1, 2, 3) })
    const faults = ['future', 'past', 'malformed'].map((reason) =>
      measured.sum('leanmesh_slot_unusable_total', { topic_kind: 'block', reason }),
    )
    expect(faults).toEqual([1, 1, 1])
    expect([position(measured, 'block', 'inside'), position(measured, 'block', 'after')]).toEqual([8 + 2, 1])
  })

  it('is not timed without a genesis time, and that is said', () => {
    const measured = measure({})
    for (const kind of TOPIC_KINDS) measured.accept(kind, SLOT_START_MS, SLOT)
    for (const topic_kind of TOPIC_KINDS) {
      expect(measured.sum('leanmesh_untimed_messages_total', { topic_kind, reason: 'no_genesis_time' })).toBe(1)
      expect(measured.sum(`lean_gossip_${topic_kind}_arrival_total`)).toBe(0)
      expect(measured.sum(`lean_gossip_${topic_kind}_size_bytes`)).toBe(1)
    }
    expect(measured.messages.state().clock).toEqual({ state: 'untimed' })
  })

  it('is not timed before genesis', () => {
    const measured = measure()
    measured.accept('block', -50, 0)
    measured.accept('block', -50, 0, { data: Buffer.of() })
    measured.accept('aggregation', -1, 0, { data: Buffer.of() })
    expect(measured.sum('leanmesh_untimed_messages_total', { reason: 'before_genesis' })).toBe(3)
    expect(TOPIC_KINDS.map((kind) => measured.sum(`lean_gossip_${kind}_arrival_total`))).toEqual([0, 0, 0])
  })

  it.each([
    ['15 slots ahead', 60_000, 60.1],
    ['15 slots behind', -60_000, -59.9],
    ['a year behind', -31_536_000_000, -31_535_999.9],
  ])('is not timed by a clock that is %s, from the first one on', (_, offMs, offsetSeconds) => {
    const measured = measure({ genesisSeconds: GENESIS_SECONDS - offMs / 1000 })
    trusted(measured)
    for (const kind of TOPIC_KINDS) measured.accept(kind, SLOT_START_MS + 1700, SLOT)
    for (const kind of TOPIC_KINDS) {
      expect(measured.sum(`lean_gossip_${kind}_arrival_total`)).toBe(0)
      expect(measured.sum(`lean_gossip_${kind}_arrival_delay_seconds`)).toBe(0)
    }
    expect(measured.sum('leanmesh_untimed_messages_total', { reason: 'clock' })).toBe(8 + 3)
    expect(measured.messages.state().clock).toEqual({ state: 'suspect', offsetSeconds })
  })

  it('from strangers says nothing of the clock where some peers are known', () => {
    const measured = measure()
    for (let slot = SLOT; slot < SLOT + 40; slot++) {
      for (const from of ['stranger', 'zeam', 'ream']) {
        const claimed = from === 'stranger' ? slot + 3 : slot
        measured.accept('block', slot * 4000 + 200, claimed, { from })
        measured.accept('attestation', slot * 4000 + 1000, claimed, { from })
      }
    }
    expect(measured.messages.state().clock).toEqual({ state: 'good', offsetSeconds: 0.2 })
  })

  it('ends no silence and has delivered nothing, when noise stands in its place', () => {
    const measured = trusted()
    const { block } = measured.messages.state().lastAcceptedAtMs
    const delivered = measured.sum('leanmesh_first_delivery_total')
    measured.accept('block', SLOT * 4000 + 100, SLOT, { data: new Uint8Array(64).fill(0xff) })
    expect(measured.messages.state().lastAcceptedAtMs.block).toBe(block)
    expect(measured.sum('leanmesh_first_delivery_total')).toBe(delivered)
  })

  it('is what the age of the last of its kind counts from', () => {
    const measured = measure()
    expect(measured.messages.state().lastAcceptedAtMs).toEqual({})
    measured.accept('block', SLOT_START_MS, SLOT)
    measured.accept('aggregation', SLOT_START_MS, SLOT)
    measured.accept('block', SLOT_START_MS, SLOT)
    expect(measured.messages.state().lastAcceptedAtMs).toEqual({ block: 3000, aggregation: 2000 })
  })
})

it('copies are counted by the kind of their topic', () => {
  const measured = measure()
  for (const kind of ['block', 'block', 'aggregation', 'other'] as const) measured.messages.onCopy(kind)
  expect(measured.sum('leanmesh_duplicates_total')).toBe(3)
  expect(measured.sum('leanmesh_duplicates_total', { topic_kind: 'block' })).toBe(2)
})

const kinds = fc.constantFrom(...TOPIC_KINDS)
const anything = fc.record({
  kind: kinds,
  from: fc.constantFrom('a', 'b', 'c'),
  data: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: SLOT - 9, max: SLOT + 9 }).map(devnetBlock)),
  wireBytes: fc.nat(12 * 1024 * 1024),
  sinceGenesisMs: fc.oneof(fc.integer({ min: -10_000, max: 2 ** 40 }), fc.integer({ min: 1_990_000, max: 2_010_000 })),
})

describe('whatever is accepted', () => {
  it('has exactly one position and one bucket of each delay, or one reason for having none', () => {
    const genesis = fc.constantFrom(undefined, GENESIS_SECONDS)
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), genesis, (all, genesisSeconds) => {
        const measured = measure({ genesisSeconds })
        for (const { kind, sinceGenesisMs, ...message } of all) measured.accept(kind, sinceGenesisMs, 0, message)
        for (const topic_kind of TOPIC_KINDS) {
          const accepted = all.filter(({ kind }) => kind === topic_kind).length
          const timed = measured.sum(`lean_gossip_${topic_kind}_arrival_total`)
          expect(timed + measured.sum('leanmesh_untimed_messages_total', { topic_kind })).toBe(accepted)
          expect(measured.sum(`lean_gossip_${topic_kind}_arrival_delay_seconds`)).toBe(timed)
          expect(measured.sum('leanmesh_slot_arrival_delay_seconds', { topic_kind })).toBe(timed)
          expect(measured.sum(`lean_gossip_${topic_kind}_size_bytes`)).toBe(accepted)
          const unusable = measured.sum('leanmesh_slot_unusable_total', { topic_kind })
          expect(measured.sum('leanmesh_first_delivery_total', { topic_kind })).toBe(accepted - unusable)
        }
      }),
    )
  })

  it('never makes more series, nor a total that is below 0 or no number', () => {
    const series = createTotals().read().length
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), (all) => {
        const measured = measure()
        for (const { kind, sinceGenesisMs, ...message } of all) measured.accept(kind, sinceGenesisMs, 0, message)
        const values = measured.totals
          .read()
          .flatMap(({ value }) => (typeof value === 'number' ? [value] : [value.sum]))
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
        expect(values).toHaveLength(series)
      }),
    )
  })

  it('adds up to the same while the clock is good, whatever the order it came in', () => {
    const good = fc.record({ kind: kinds, slot: fc.integer({ min: SLOT, max: SLOT + 2 }), ms: fc.nat(3900) })
    const messages = fc.array(good, { maxLength: 20 })
    const shuffled = messages.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, (orders) => {
        const counts = orders.map((order) => {
          const measured = trusted()
          for (const { kind, slot, ms } of order) measured.accept(kind, slot * 4000 + ms, slot)
          // Sums of seconds differ in their last digit.
          return measured.totals.read().map(({ value }) => (typeof value === 'number' ? value : value.counts))
        })
        expect(counts[0]).toEqual(counts[1])
      }),
    )
  })
})
