/** Length of a slot in milliseconds. Source: lean consensus, chain configuration. */
export const SLOT_MS = 4000
export const INTERVALS_PER_SLOT = 5
export const INTERVAL_MS = SLOT_MS / INTERVALS_PER_SLOT
