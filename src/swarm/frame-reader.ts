/** A frame announced a length that is not to be read. */
export class FrameTooLongError extends Error {
  override readonly name = 'FrameTooLongError'
}

export interface FrameReader {
  /**
   * Takes what came next, and hands on each frame that is whole. A frame is a part of what came, where it came in one piece.
   *
   * @throws FrameTooLongError when one is announced that is longer than the limit; nothing is to be read after it
   */
  push(piece: Uint8Array): void
  /** Whether all that came was whole frames. */
  isBetweenFrames(): boolean
}

/** Where a frame is: from `at`, where its header begins, to `end`. Undefined while its header is not whole. */
type Extent = { bodyAt: number; end: number } | undefined

const VARINT_BYTES = 8
/** What is announced is made room for at once up to this: the kernel gives no memory for what does not come. */
const AT_ONCE_BYTES = 1024 * 1024
const NOTHING = new Uint8Array()

/**
 * Cuts a byte stream into frames, whose headers say how long they are. It needs no promises for that, and copies only what did not come
 * in one piece. It never makes room for more than twice what came of a frame, or 1 MiB, whatever was announced.
 *
 * @param extentOf reads the header at a place
 * @param onFrame is given the bytes that the frame is in, where its header begins, and where its body is
 */
export function createReader(
  extentOf: (bytes: Uint8Array, at: number) => Extent,
  onFrame: (bytes: Uint8Array, at: number, extent: { bodyAt: number; end: number }) => void,
): FrameReader {
  // A copy: what comes may be one byte of a large buffer each time, or nothing, for ever.
  let held: Uint8Array = NOTHING
  let heldBytes = 0
  /** Of what is held, before it is looked at again. */
  let neededBytes = 0
  const hold = (rest: Uint8Array, needed: number) => {
    held = rest.length > 0 ? new Uint8Array(rest) : NOTHING
    heldBytes = rest.length
    neededBytes = needed
  }
  const add = (piece: Uint8Array) => {
    const bytes = heldBytes + piece.length
    if (bytes > held.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(bytes, Math.min(neededBytes, Math.max(2 * held.length, AT_ONCE_BYTES))),
      )
      grown.set(held.subarray(0, heldBytes))
      held = grown
    }
    held.set(piece, heldBytes)
    heldBytes = bytes
  }
  return {
    push(piece) {
      if (heldBytes > 0) {
        add(piece)
        if (heldBytes < neededBytes) return
        piece = held.subarray(0, heldBytes)
      }
      let at = 0
      let extent = extentOf(piece, at)
      for (; extent && extent.end <= piece.length; extent = extentOf(piece, at)) {
        const from = at
        at = extent.end
        onFrame(piece, from, extent)
      }
      hold(piece.subarray(at), extent ? extent.end - at : 0)
    },
    isBetweenFrames: () => heldBytes === 0,
  }
}

/**
 * Cuts a byte stream into frames with their length in front, as libp2p frames them: an unsigned little-endian varint.
 *
 * @param maxBytes of a frame, its length not counted
 */
export function createFrameReader(maxBytes: number, onFrame: (frame: Uint8Array) => void): FrameReader {
  return createReader(
    (bytes, at) => varintExtent(bytes, at, maxBytes),
    (bytes, _, { bodyAt, end }) => onFrame(bodyAt === end ? NOTHING : bytes.subarray(bodyAt, end)),
  )
}

function varintExtent(bytes: Uint8Array, at: number, maxBytes: number): Extent {
  let length = 0
  for (let digit = 0; digit < VARINT_BYTES; digit++) {
    const byte = bytes[at + digit]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * digit)
    if (length > maxBytes) break
    if (byte < 0x80) return { bodyAt: at + digit + 1, end: at + digit + 1 + length }
  }
  throw new FrameTooLongError(`a frame of ${length} bytes or more, where at most ${maxBytes} are read`)
}
