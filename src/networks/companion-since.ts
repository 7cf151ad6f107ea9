import { companionState, type CompanionStanding } from '../mesh/companion-state.ts'
import type { Snapshot } from '../mesh/snapshot.ts'

export interface CompanionSince {
  note(snapshot: Snapshot): void
  /** As of the last snapshot; undefined before the first one, and without a companion. */
  standing(): CompanionStanding | undefined
}

/**
 * Since when the companion has been in its state. A swarm that is started again does not begin anew a state that it finds
 * unchanged: a companion that nobody reaches has been out of reach all along.
 */
export function createCompanionSince(): CompanionSince {
  let standing: CompanionStanding | undefined
  return {
    note(snapshot) {
      if (!snapshot.companion) return
      const state = companionState(snapshot.companion, snapshot)
      if (state !== standing?.state) standing = { state, sinceMs: snapshot.takenAtMs }
    },
    standing: () => standing,
  }
}
