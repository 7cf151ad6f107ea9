/** Milliseconds of the host's monotonic clock. Every process on the host reads the same one; it never steps back. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
