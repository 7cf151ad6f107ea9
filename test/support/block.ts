/**
 * Blocks the event loop on purpose.
 *
 * @returns how long it did, in milliseconds
 */
export function block(ms: number): number {
  const startedAt = performance.now()
  while (performance.now() < startedAt + ms);
  return performance.now() - startedAt
}
