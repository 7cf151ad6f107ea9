/** What a read of a busy QUIC stream may give at most. */
const BUSY_READ_BYTES = 16 * 1024

interface NativeStream {
  read(maxBytes: number): Promise<Uint8Array | null>
}

const mended = new WeakSet<object>()

/**
 * @chainsafe/libp2p-quic 2.1 asks its native part for 4 KiB at a time, and gets the next piece in the next turn of the event
 * loop at the earliest: under load that is little more than a message of a stream in each turn, and each read costs as much
 * as what is done with the message. The size cannot be set by its options.
 *
 * @throws Error when its native part reads elsewhere: then this piece has to be looked at again
 */
export async function mendQuicReads(): Promise<void> {
  readMore(await import(new URL('napi.js', import.meta.resolve('@chainsafe/libp2p-quic')).href))
}

/** For tests apart: with what the native part exports. */
export function readMore(native: { Stream?: { prototype?: Partial<NativeStream> } }): void {
  const prototype = native.Stream?.prototype
  const read = prototype?.read
  if (!prototype || !read) throw new Error('this QUIC reads its streams elsewhere')
  if (mended.has(prototype)) return
  mended.add(prototype)
  const busy = new WeakSet<NativeStream>()
  prototype.read = async function readMoreIfBusy(this: NativeStream, maxBytes) {
    // A read that waits holds its whole buffer: one of a stream that has little to read stays as small as it was.
    const chunk = await read.call(this, busy.has(this) ? Math.max(maxBytes, BUSY_READ_BYTES) : maxBytes)
    if (chunk && chunk.length >= maxBytes) busy.add(this)
    else busy.delete(this)
    return chunk
  }
}
