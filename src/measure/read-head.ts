import { type Head, ZERO_ROOT } from '../mesh/peer-head.ts'
import { slotAt } from '../mesh/slot-clock.ts'

const ROOT_BYTES = 32
const SLOT_BYTES = 8

/** Two minutes: clocks differ, and a chain that is ahead of ours by more is told by nobody who means it. */
const MAX_SLOTS_AHEAD = 32
/** Where the clock cannot tell: 139,000 years. */
const MAX_SLOT = 2 ** 40

/** The largest slot that can be true at a moment of the wall clock, in milliseconds since the Unix epoch. */
export function largestPlausibleSlot(wallClockMs: number, genesisTimeSeconds: number | undefined): number {
  if (genesisTimeSeconds === undefined) return MAX_SLOT
  return Math.max(0, slotAt(wallClockMs, genesisTimeSeconds)) + MAX_SLOTS_AHEAD
}

/**
 * Reads the body of a Status, 80 bytes: finalized.root 32 | finalized.slot u64 LE | head.root 32 | head.slot u64 LE.
 * Undefined when one of its slots is larger than can be, or the finalized one larger than the head's.
 */
export function readHead(body: Buffer, largestSlot: number): Head | undefined {
  const finalized = readCheckpoint(body, 0)
  const head = readCheckpoint(body, ROOT_BYTES + SLOT_BYTES)
  const limit = BigInt(largestSlot)
  if (finalized.slot > limit || head.slot > limit) return undefined
  if (finalized.slot > head.slot && head.root !== ZERO_ROOT) return undefined
  return {
    headSlot: Number(head.slot),
    headRoot: head.root,
    finalizedSlot: Number(finalized.slot),
    finalizedRoot: finalized.root,
  }
}

function readCheckpoint(body: Buffer, at: number): { root: string; slot: bigint } {
  const end = at + ROOT_BYTES
  return { root: body.toString('hex', at, end), slot: body.readBigUInt64LE(end) }
}
