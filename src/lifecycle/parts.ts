import { errorText } from '../errors.ts'
import { settleWithin } from './deadline.ts'

/** Something that starts and stops. `stop` is idempotent and works without `start`. */
export interface Part {
  name: string
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Parts {
  /** Starts in order. When one fails, those before it are stopped again and its error is thrown. */
  start(): Promise<void>
  /** Stops in reverse order, each within its deadline. Never rejects. Idempotent. */
  stop(): Promise<void>
}

export interface PartsOptions {
  /** How long one part may take to stop, in milliseconds; then the next one is stopped. */
  stopDeadlineMs: number
  onStopFailure(part: string, reason: string): void
}

export function createParts(parts: readonly Part[], options: PartsOptions): Parts {
  let stopping: Promise<void> | undefined
  const stopAll = async () => {
    for (const part of parts.toReversed()) {
      try {
        const settled = await settleWithin(part.stop(), options.stopDeadlineMs)
        if (!settled) options.onStopFailure(part.name, `did not stop within ${options.stopDeadlineMs} ms`)
      } catch (error) {
        options.onStopFailure(part.name, errorText(error))
      }
    }
  }
  const stop = () => (stopping ??= stopAll())
  return {
    async start() {
      try {
        for (const part of parts) {
          if (stopping) return
          await part.start()
        }
      } catch (error) {
        await stop()
        throw error
      }
    },
    stop,
  }
}
