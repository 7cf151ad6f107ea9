/** Length of a slot in milliseconds. Source: lean consensus, chain configuration. */
export const SLOT_MS = 4000
export const INTERVALS_PER_SLOT = 5
export const INTERVAL_MS = SLOT_MS / INTERVALS_PER_SLOT

/** The slot at a moment of the wall clock, in milliseconds since the Unix epoch; negative before genesis. */
export function slotAt(wallClockMs: number, genesisTimeSeconds: number): number {
  return Math.floor((wallClockMs - genesisTimeSeconds * 1000) / SLOT_MS)
}
