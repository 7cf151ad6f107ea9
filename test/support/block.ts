/** Blocks the event loop on purpose. */
export function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
