/** More than glibc has free in one piece, as a rule: it takes a slab from the kernel, as `networks/swarm-process.ts` tells it to. With 256 KiB it did not. */
const SLAB_BYTES = 1024 * 1024
/** Of a slab: what is larger would leave too much of one unused, and is taken from the kernel by itself. */
const LARGEST_SHARE = 1 / 16

/**
 * Lays copies of what is kept for seconds one behind the other in memory of their own. Each in a buffer of its own lay in glibc's heap between what is
 * kept for milliseconds, which could not be given back for it (bench/README.md, "After a minute at 1,000 a second"). A slab goes back to the kernel as
 * a whole when nothing of it is used; the last one is kept for what comes next.
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
