import { PACE_MS, createReadPace } from './read-pace.ts'

/** What a read of the busiest QUIC stream may give at most. */
const LARGEST_READ_BYTES = 64 * 1024
/** What all reads together may ask for beyond what libp2p does. */
const MORE_BYTES = 4 * 1024 * 1024
/** How much larger the next read is than one that was filled, and how much smaller than one that would have fitted into it. */
const STEP = 4

interface NativeStream {
  read(maxBytes: number): Promise<Uint8Array | null>
}

const mended = new WeakSet<object>()

/**
 * @chainsafe/libp2p-quic 2.1 asks its native part for 4 KiB at a time, and gets the next piece in the next turn of the event
 * loop at the earliest: under load that is little more than a message of a stream in each turn, and each read costs as much
 * as what is done with the message; here it waits in a flood for more to come. On a machine that is short of CPU a read takes as long as two threads wait for a core, and
 * a stream that is read in small pieces falls behind by seconds. The size cannot be set by its options.
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
  const pace = createReadPace(PACE_MS)
  const filled = new WeakSet<NativeStream>()
  const sizes = new WeakMap<NativeStream, number>()
  let moreBytes = 0
  prototype.read = async function readMoreIfBusy(this: NativeStream, maxBytes) {
    const wanted = sizes.get(this) ?? maxBytes
    // What filled its read has more that waits already.
    if (!filled.delete(this)) await pace(this)
    // A read that waits holds its whole buffer, and there may be thousands of streams.
    const size = moreBytes + wanted - maxBytes <= MORE_BYTES ? wanted : maxBytes
    moreBytes += size - maxBytes
    try {
      const chunk = await read.call(this, size)
      const bytes = chunk?.length ?? 0
      if (bytes >= size) {
        filled.add(this)
        sizes.set(this, Math.min(size * STEP, LARGEST_READ_BYTES))
      } else if (bytes * STEP < size) sizes.set(this, Math.max(size / STEP, maxBytes))
      return chunk
    } finally {
      moreBytes -= size - maxBytes
    }
  }
}
