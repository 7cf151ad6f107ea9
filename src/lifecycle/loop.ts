import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from './clock.ts'

const MIN_ERROR_PAUSE_MS = 100

/** Waits; resolves early when `signal` aborts. Never rejects, so that a loop's condition is the only way out. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

/** A timer may fire so much too early, in milliseconds. */
const EARLY_MS = 1
/** Beats are this process's own: those of one host need not all wake in the same millisecond. */
const PHASE_MS = Math.random() * 10_000

/** Whole milliseconds to the next beat of a clock that shows `nowMs`, and that has one each `ms` milliseconds. */
export function untilBeat(nowMs: number, ms: number): number {
  const left = ms - (nowMs % ms)
  return Math.ceil(left <= EARLY_MS ? left + ms : left)
}

/** Waits for the next beat, and ends as `pause` does. What waits for the same beat wakes the process once. */
export async function pauseUntilBeat(ms: number, signal: AbortSignal): Promise<void> {
  await pause(untilBeat(monotonicMs() + PHASE_MS, ms), signal)
}

export interface Loop {
  /** Ends the loop and waits for the running round. Idempotent. */
  stop(): Promise<void>
}

/**
 * Runs `round` until stopped. A round that throws is reported to `onError` and the loop goes on; each round must await
 * something that ends, or is ended by the signal.
 */
export function startLoop(round: (signal: AbortSignal) => Promise<void>, onError: (error: unknown) => void): Loop {
  const controller = new AbortController()
  const { signal } = controller
  const done = (async () => {
    while (!signal.aborted) {
      try {
        await round(signal)
      } catch (error) {
        if (!signal.aborted) onError(error)
        // A round that fails at once must not turn the loop into a busy one.
        await pause(MIN_ERROR_PAUSE_MS, signal)
      }
    }
  })()
  return {
    async stop() {
      controller.abort()
      await done
    },
  }
}
