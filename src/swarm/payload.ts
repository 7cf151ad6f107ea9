import { uncompressSync } from 'snappy'

/** Why a gossip message is not forwarded. */
export type RefusalReason = 'undecodable' | 'oversized' | 'over_budget'

/** Bounds what is decompressed at a time. */
export interface TurnBudget {
  /** Takes so many bytes, or none: false when there are not enough left. */
  take(bytes: number): boolean
}

/** A payload as read: its decompressed data, or why it is refused. */
export type Payload = { data: Uint8Array; refused?: never } | { data?: never; refused: RefusalReason }

/**
 * The length that a raw snappy block announces for its decompressed form, in bytes; undefined when the preamble is none.
 * Source: the snappy format description, section 1 (little-endian varint, up to 2^32 - 1).
 */
export function announcedLength(block: Uint8Array): number | undefined {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length < 2 ** 32 ? length : undefined
  }
  return undefined
}

/**
 * Snappy's best copy takes 3 bytes to say 64. What announces more than this cannot be true, and would take the budget
 * from messages that are.
 */
const MAX_EXPANSION = 22

/**
 * Decompresses a gossip message's data. The announced length is checked before anything is allocated for it.
 *
 * @param maxBytes largest message, compressed or not
 */
export function decodePayload(block: Uint8Array, maxBytes: number, budget?: TurnBudget): Payload {
  const length = announcedLength(block)
  if (length === undefined) return { refused: 'undecodable' }
  if (block.length > maxBytes || length > maxBytes) return { refused: 'oversized' }
  if (length > MAX_EXPANSION * block.length) return { refused: 'undecodable' }
  if (budget?.take(length) === false) return { refused: 'over_budget' }
  try {
    return { data: uncompressSync(block) as Buffer }
  } catch {
    return { refused: 'undecodable' }
  }
}
