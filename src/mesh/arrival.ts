/** When a message came, relative to the interval that it was due in. */
export const POSITIONS = ['before', 'inside', 'after'] as const
export type Position = (typeof POSITIONS)[number]

/** An aggregate is measured from the latest boundary that has passed: it cannot come before it. */
export const AGGREGATION_POSITIONS = ['inside', 'after'] as const satisfies readonly Position[]

/** Why the slot in a message is not used: not there or too large to be one, or too far from the wall clock's. */
export const SLOT_FAULTS = ['malformed', 'past', 'future'] as const
export type SlotFault = (typeof SLOT_FAULTS)[number]

/** Why the arrival of an accepted message is not measured. */
export const UNTIMED_REASONS = ['no_genesis_time', 'before_genesis', 'clock'] as const
export type UntimedReason = (typeof UNTIMED_REASONS)[number]
