import type { TopicKind } from '../mesh/topics.ts'

const SLOT_BYTES = 8
/** An attestation begins with the validator's index; an aggregation with its slot. */
const SLOT_OFFSET = { attestation: 8, aggregation: 0 }
/** 544 years of slots: what is beyond it is no slot, and a number would not hold all of a u64. */
const MAX_SLOT = 2 ** 32

/**
 * The slot that a message names, from its decompressed SSZ; undefined when there is none. Layouts change between devnets,
 * so what is read may be anything: it has to be compared with the clock. It costs the same whatever the payload.
 *
 * Source: lean consensus containers; a block stands where the u32 at offset 0 says, and begins with its slot.
 */
export function messageSlot(kind: TopicKind, data: Uint8Array): number | undefined {
  if (kind !== 'block') return slotAt(data, SLOT_OFFSET[kind])
  return data.length < 4 ? undefined : slotAt(data, u32(data, 0))
}

function slotAt(data: Uint8Array, offset: number): number | undefined {
  if (offset + SLOT_BYTES > data.length) return undefined
  const slot = u32(data, offset) + u32(data, offset + 4) * 2 ** 32
  return slot <= MAX_SLOT ? slot : undefined
}

/** A little-endian u32 within bounds, without a view to allocate. */
function u32(data: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [data[at], data[at + 1], data[at + 2], data[at + 3]]
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24
}
