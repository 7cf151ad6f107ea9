import { type FrameRooms, MOST_ROOM_BYTES } from './frame-rooms.ts'

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

/** Of a frame that was handed on: true where nothing refers to its bytes any more. The next one may then be written over them. */
type MayBeOverwritten = boolean | void

/** Where a frame is: from `at`, where its header begins, to `end`. Undefined while its header is not whole. */
type Extent = { bodyAt: number; end: number } | undefined

const VARINT_BYTES = 8
/** No header is longer. */
const MAX_HEADER_BYTES = 16
/** What is announced is made room for at once up to this: the kernel gives no memory for what does not come. */
const AT_ONCE_BYTES = MOST_ROOM_BYTES
const NOTHING = new Uint8Array()
const ALWAYS_NEW: FrameRooms = { take: (bytes) => Buffer.allocUnsafeSlow(bytes), giveBack: () => undefined }

/**
 * A frame that has begun. What comes of it is copied: it may be one byte of a large buffer each time, or nothing, for ever. It never makes
 * room for more than twice what came, or 1 MiB, whatever was announced.
 */
class BegunFrame {
  /** Of all of it; 0 while its header is not whole. */
  frameBytes: number
  length = 0
  readonly #rooms: FrameRooms
  #held: Uint8Array = NOTHING

  constructor(frameBytes: number, rooms: FrameRooms) {
    this.frameBytes = frameBytes
    this.#rooms = rooms
  }

  /** Takes as much of a piece as may be of it, and tells how much that is. */
  take(piece: Uint8Array): number {
    const taken = Math.min(piece.length, (this.frameBytes || MAX_HEADER_BYTES) - this.length)
    const length = this.length + taken
    if (length > this.#held.length) {
      const atOnce = Math.max(2 * this.#held.length, AT_ONCE_BYTES)
      const grown = this.#rooms.take(Math.max(length, Math.min(this.frameBytes, atOnce)))
      grown.set(this.bytes())
      this.giveBack()
      this.#held = grown
    }
    this.#held.set(taken < piece.length ? piece.subarray(0, taken) : piece, this.length)
    this.length = length
    return taken
  }

  giveBack(): void {
    this.#rooms.giveBack(this.#held)
    this.#held = NOTHING
  }

  bytes(): Uint8Array {
    return this.#held.subarray(0, this.length)
  }
}

/**
 * Cuts a byte stream into frames, whose headers say how long they are. It needs no promises for that, and copies only frames that did not
 * come in one piece.
 *
 * @param extentOf reads the header at a place
 * @param onFrame is given the bytes that the frame is in, where its header begins, and where its body is
 * @param rooms what frames are put together in
 */
export function createReader(
  extentOf: (bytes: Uint8Array, at: number) => Extent,
  onFrame: (bytes: Uint8Array, at: number, extent: { bodyAt: number; end: number }) => MayBeOverwritten,
  rooms = ALWAYS_NEW,
): FrameReader {
  let begun: BegunFrame | undefined
  /** Goes on with the frame that has begun, and tells where the next one does in the piece. */
  const goOn = (piece: Uint8Array): number => {
    let at = 0
    while (begun && at < piece.length) {
      at += begun.take(piece.subarray(at))
      if (begun.length < begun.frameBytes) return at
      const bytes = begun.bytes()
      const extent = extentOf(bytes, 0)
      if (!extent) return at
      begun.frameBytes = extent.end
      if (extent.end > bytes.length) continue
      // Of a short frame's header more was taken than is of the frame.
      at -= bytes.length - extent.end
      const whole = begun
      begun = undefined
      if (onFrame(bytes, 0, extent) === true) whole.giveBack()
    }
    return at
  }
  return {
    push(piece) {
      let at = goOn(piece)
      let extent = at < piece.length ? extentOf(piece, at) : undefined
      for (; extent && extent.end <= piece.length; extent = extentOf(piece, at)) {
        const from = at
        at = extent.end
        onFrame(piece, from, extent)
      }
      if (at === piece.length) return
      begun = new BegunFrame(extent ? extent.end - at : 0, rooms)
      begun.take(piece.subarray(at))
    },
    isBetweenFrames: () => begun === undefined,
  }
}

/**
 * Cuts a byte stream into frames with their length in front, as libp2p frames them: an unsigned little-endian varint.
 *
 * @param maxBytes of a frame, its length not counted
 */
export function createFrameReader(
  maxBytes: number,
  onFrame: (frame: Uint8Array) => MayBeOverwritten,
  rooms?: FrameRooms,
): FrameReader {
  return createReader(
    (bytes, at) => varintExtent(bytes, at, maxBytes),
    (bytes, _, { bodyAt, end }) => onFrame(bodyAt === end ? NOTHING : bytes.subarray(bodyAt, end)),
    rooms,
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
