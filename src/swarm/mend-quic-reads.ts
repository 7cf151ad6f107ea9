/** What a read of a QUIC stream may give at most. A larger one costs memory for each stream that is read. */
const READ_BYTES = 16 * 1024

interface NativeStreams {
  Stream: { prototype: { read(maxBytes: number): Promise<Uint8Array | null> } }
}

const mended = new WeakSet<object>()

/**
 * @chainsafe/libp2p-quic 2.1 asks its native part for 4 KiB at a time, and gets the next piece in the next turn of the event
 * loop at the earliest: under load that is little more than a message of a stream in each turn, and each read costs as much
 * as what is done with the message. The size cannot be set by its options.
 *
 * @throws Error when its native part is elsewhere: then this piece has to be looked at again
 */
export async function mendQuicReads(): Promise<void> {
  const native: unknown = await import(new URL('napi.js', import.meta.resolve('@chainsafe/libp2p-quic')).href)
  const { prototype } = (native as NativeStreams).Stream
  if (mended.has(prototype)) return
  mended.add(prototype)
  const { read } = prototype
  prototype.read = function readMore() {
    return read.call(this, READ_BYTES)
  }
}
