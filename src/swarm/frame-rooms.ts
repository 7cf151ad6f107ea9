/** Room that is used again for the next frame, once nothing refers to the last one. */
export interface FrameRooms {
  /** So many bytes or some more, with whatever was in them before. */
  take(bytes: number): Uint8Array
  /** Nothing refers to it any more, but who gives it: what comes next is written over what is in it. */
  giveBack(room: Uint8Array): void
}

/** Less is not worth it: what is smaller comes and goes in V8's young generation. Frames of nearly one length have rooms of one. */
export const LEAST_ROOM_BYTES = 64 * 1024
export const MOST_ROOM_BYTES = 1024 * 1024
/** A block comes three times, as a rule: the first is kept as the message that it is, the others are copies of it. */
const MAX_SPARE = 3
/** Longer than two slots. */
const REST_MS = 10_000

const isUsedAgain = (bytes: number) => bytes >= LEAST_ROOM_BYTES && bytes <= MOST_ROOM_BYTES

/**
 * Room for large frames, for all peers of a swarm. In room that is new for each, a copy of a block is in use for 40 ms, in which V8 takes it for old
 * and keeps it until it looks through its whole heap, which is dear (bench/README.md, "Copies of a block"). At most 3 MiB are spare, and
 * none after 10 s in which none was given back. A frame fills more than half of its room, in which it may be kept.
 */
export function createFrameRooms(): FrameRooms {
  let spare: Uint8Array[] = []
  let rest: NodeJS.Timeout | undefined
  return {
    take(bytes) {
      if (!isUsedAgain(bytes)) return Buffer.allocUnsafeSlow(bytes)
      const room = spare.find(({ length }) => length >= bytes && length < 2 * bytes)
      if (!room) return Buffer.allocUnsafeSlow(Math.ceil(bytes / LEAST_ROOM_BYTES) * LEAST_ROOM_BYTES)
      spare = spare.filter((other) => other !== room)
      return room
    },
    giveBack(room) {
      if (!isUsedAgain(room.length)) return
      spare = [...spare, room].slice(-MAX_SPARE)
      rest ??= setTimeout(() => (spare = []), REST_MS).unref()
      rest.refresh()
    },
  }
}
