/** Not more than what is left of a few seconds of messages, and more than glibc finds free in its heap. */
const SLAB_BYTES = 1024 * 1024
/** Of a slab: what is larger would leave too much of one unused. */
const LARGEST_SHARE = 1 / 16

/**
 * Lays copies of what is kept for seconds one behind the other in memory of their own. Each in a buffer of its own lay in glibc's heap between what is
 * kept for milliseconds, which could not be given back for it: a swarm that had got 1,000 messages a second for a minute held 25 MiB more, for good. A
 * slab is the kernel's, and goes back to it as a whole when nothing of it is used.
 */
export function createSlab(): (bytes: Uint8Array) => Uint8Array {
  let slab = new Uint8Array()
  let used = 0
  return (bytes) => {
    if (bytes.length > SLAB_BYTES * LARGEST_SHARE) return new Uint8Array(bytes)
    if (used + bytes.length > slab.length) [slab, used] = [new Uint8Array(SLAB_BYTES), 0]
    const copy = slab.subarray(used, used + bytes.length)
    copy.set(bytes)
    used += bytes.length
    return copy
  }
}
