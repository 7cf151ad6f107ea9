import type { Position, SlotFault } from '../mesh/arrival.ts'
import { INTERVAL_MS, SLOT_MS } from '../mesh/slot-clock.ts'
import type { TopicKind } from '../mesh/topics.ts'

/** A slot further than this from the wall clock's is not believed: the largest bound of the delays is as many slots. */
const PLAUSIBLE_SLOTS = 4
/** In which interval of a slot each kind is due. Source: lean consensus, validator duties. */
const DUE_INTERVAL = { block: 0, attestation: 1, aggregation: 2 }

/** When a message came. Milliseconds; a delay below 0 is a message that came early. */
export interface Arrival {
  position: Position
  /** Since the start of the interval that it was due in. */
  delayMs: number
  /** Since the start of its slot. */
  slotDelayMs: number
  /** Why the wall clock's slot was taken for its own. */
  fault?: SlotFault
  /** How late it came by its own slot, believed or not: what it says of the clock. */
  ownDelayMs?: number
}

/**
 * When a message came, by its own slot, or by the wall clock's where that is not to be believed. An aggregate is due at the
 * latest interval 2 that has begun, since it may be about an older slot.
 *
 * @param slot as read from the message
 * @param sinceGenesisMs the wall clock when it came
 */
export function timeArrival(kind: TopicKind, slot: number | undefined, sinceGenesisMs: number): Arrival {
  const wallSlot = Math.floor(sinceGenesisMs / SLOT_MS)
  const fault = slotFault(slot, wallSlot)
  const believed = slot === undefined || fault ? wallSlot : slot
  const dueInSlotMs = DUE_INTERVAL[kind] * INTERVAL_MS
  const slotDelayMs = sinceGenesisMs - believed * SLOT_MS
  const delayMs = kind === 'aggregation' ? modulo(sinceGenesisMs - dueInSlotMs, SLOT_MS) : slotDelayMs - dueInSlotMs
  return {
    position: positionOf(delayMs),
    delayMs,
    slotDelayMs,
    ...(fault && { fault }),
    ...(slot !== undefined && { ownDelayMs: sinceGenesisMs - slot * SLOT_MS - dueInSlotMs }),
  }
}

function slotFault(slot: number | undefined, wallSlot: number): SlotFault | undefined {
  if (slot === undefined) return 'malformed'
  if (slot < wallSlot - PLAUSIBLE_SLOTS) return 'past'
  return slot > wallSlot + PLAUSIBLE_SLOTS ? 'future' : undefined
}

function positionOf(delayMs: number): Position {
  if (delayMs < 0) return 'before'
  return delayMs < INTERVAL_MS ? 'inside' : 'after'
}

/** Never below 0, unlike `%`. */
function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
