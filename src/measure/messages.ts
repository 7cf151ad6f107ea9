import {
  AGGREGATION_POSITIONS,
  POSITIONS,
  type Position,
  SLOT_FAULTS,
  type SlotFault,
  UNTIMED_REASONS,
  type UntimedReason,
} from '../mesh/arrival.ts'
import type { ClockStanding } from '../mesh/clock-standing.ts'
import type { Histogram } from '../mesh/histogram.ts'
import { SLOT_MS } from '../mesh/slot-clock.ts'
import type { MessagesState } from '../mesh/snapshot.ts'
import { TOPIC_KINDS, type TopicKind } from '../mesh/topics.ts'
import { timeArrival } from './arrival.ts'
import { createClockCheck } from './clock-check.ts'
import { messageSlot } from './message-slot.ts'
import { type Counter, keptCounters, type Totals } from './totals.ts'

/** A message that was accepted when it came for the first time. */
export interface AcceptedMessage {
  kind: TopicKind
  /** The peer that delivered it. */
  from: string
  /** Its name, which has its series. */
  client: string
  /** Decompressed. */
  data: Uint8Array
  /** As it came. */
  wireBytes: number
}

export interface MessagesDeps {
  totals: Totals
  /** The wall clock: milliseconds since the Unix epoch. */
  nowMs(): number
  /** The host's monotonic clock, in milliseconds. */
  monotonicMs(): number
  /** Whether what a peer says of the clock counts. */
  isTrusted(peerId: string): boolean
}

/** What is measured of each gossip message. */
export interface Messages {
  onAccepted(message: AcceptedMessage): void
  /** A copy came of a message that was seen before, whatever became of that. */
  onCopy(kind: TopicKind | 'other'): void
  state(): MessagesState
}

/** The series of one kind, looked up once and not for each message. */
interface Series {
  size: Histogram
  delay: Histogram
  slotDelay: Histogram
  positions: Readonly<Record<Position, Counter | undefined>>
  faults: Readonly<Record<SlotFault, Counter>>
  untimed: Readonly<Record<UntimedReason, Counter>>
  copies: Counter
}

/**
 * @param genesisTimeSeconds when slot 0 began, in seconds since the Unix epoch; without it nothing is timed
 */
export function createMessages(genesisTimeSeconds: number | undefined, deps: MessagesDeps): Messages {
  const series = byKey(TOPIC_KINDS, (kind) => seriesOf(kind, deps.totals))
  const firstDelivery = keptCounters(deps.totals, 'leanmesh_first_delivery_total', 'client', 'topic_kind')
  const clock = createClockCheck()
  const lastAcceptedAtMs: MessagesState['lastAcceptedAtMs'] = {}

  /** Every accepted message is counted once: by its position, or by why it has none. Gives what is wrong with its slot. */
  function time(genesisMs: number | undefined, { kind, from, data }: AcceptedMessage): SlotFault | undefined {
    const { positions, faults, untimed, delay, slotDelay } = series[kind]
    if (genesisMs === undefined) return void untimed.no_genesis_time.value++
    const sinceGenesisMs = deps.nowMs() - genesisMs
    const arrival = timeArrival(kind, messageSlot(kind, data), sinceGenesisMs)
    const { ownDelayMs, fault } = arrival
    // An aggregate may be about an older slot, and says nothing of the clock.
    if (ownDelayMs !== undefined && kind !== 'aggregation' && deps.isTrusted(from)) {
      clock.read(`${kind} ${from}`, ownDelayMs, Math.floor(sinceGenesisMs / SLOT_MS))
    }
    if (clock.isWithheld(ownDelayMs)) return void untimed.clock.value++
    if (sinceGenesisMs < 0) return void untimed.before_genesis.value++
    if (fault) faults[fault].value++
    const counter = positions[arrival.position]
    if (counter) counter.value++
    delay.observe(Math.abs(arrival.delayMs) / 1000)
    slotDelay.observe(Math.abs(arrival.slotDelayMs) / 1000)
    return fault
  }

  const genesisMs = genesisTimeSeconds === undefined ? undefined : genesisTimeSeconds * 1000
  const untimed: ClockStanding = { state: 'untimed' }
  return {
    onAccepted(message) {
      const { kind: topic_kind, client, wireBytes } = message
      series[topic_kind].size.observe(wireBytes)
      // Noise in place of a message ends no silence, and does its sender no credit.
      if (time(genesisMs, message) !== undefined) return
      lastAcceptedAtMs[topic_kind] = deps.monotonicMs()
      firstDelivery(client, topic_kind).value++
    },
    onCopy(kind) {
      if (kind !== 'other') series[kind].copies.value++
    },
    state: () => ({
      lastAcceptedAtMs: { ...lastAcceptedAtMs },
      clock: genesisMs === undefined ? untimed : clock.standing(),
    }),
  }
}

function seriesOf(topic_kind: TopicKind, totals: Totals): Series {
  const possible: readonly Position[] = topic_kind === 'aggregation' ? AGGREGATION_POSITIONS : POSITIONS
  return {
    size: totals.histogram(`lean_gossip_${topic_kind}_size_bytes`),
    delay: totals.histogram(`lean_gossip_${topic_kind}_arrival_delay_seconds`),
    slotDelay: totals.histogram('leanmesh_slot_arrival_delay_seconds', { topic_kind }),
    positions: byKey(POSITIONS, (position) =>
      possible.includes(position) ? totals.counter(`lean_gossip_${topic_kind}_arrival_total`, { position }) : undefined,
    ),
    faults: byKey(SLOT_FAULTS, (reason) => totals.counter('leanmesh_slot_unusable_total', { topic_kind, reason })),
    untimed: byKey(UNTIMED_REASONS, (reason) =>
      totals.counter('leanmesh_untimed_messages_total', { topic_kind, reason }),
    ),
    copies: totals.counter('leanmesh_duplicates_total', { topic_kind }),
  }
}

function byKey<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>
}
