import type { Names } from '../mesh/names.ts'
import type { RestartReason } from '../mesh/network-state.ts'
import type { Snapshot } from '../mesh/snapshot.ts'

/** How a swarm ended by itself. */
export interface SwarmEnd {
  reason: RestartReason
  /** A sentence for a person. */
  message: string
}

/** One life of a swarm, in a child process or in this one: from its launch to its end. */
export interface SwarmLife {
  /**
   * A snapshot taken after this call.
   *
   * @throws CommandDropped when the swarm cannot be asked; the signal's reason when it did not answer in time
   */
  snapshot(signal: AbortSignal): Promise<Snapshot>
  /** Peers are told apart by these names from now on. Never throws. */
  setNames(names: Names): void
  /** Fulfils when it ended, whether asked to or not. Never rejects. */
  readonly ended: Promise<SwarmEnd>
  /** Leaves the network and ends it, within a deadline of its own. Idempotent; never rejects. */
  stop(): Promise<void>
}

export interface SwarmListener {
  /** The first call says that the swarm runs. */
  onSnapshot(snapshot: Snapshot): void
  /** `suppressed`: how many others came since the last one that was told. */
  onWarning(message: string, suppressed: number): void
}

/** Starts a swarm that knows these names. What goes wrong later is how the life ended; it throws when there is no process to be had at all. */
export type LaunchSwarm = (listener: SwarmListener, names: Names) => SwarmLife
