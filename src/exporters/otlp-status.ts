import type { Logger } from '../log.ts'
import { OTLP_FAILURES, type OtlpFailure, type OtlpOutcome } from './otlp-failure.ts'

/** What the pushes came to since the start. */
export interface OtlpStats {
  /** All of them, failed ones included. */
  exports: number
  failures: Readonly<Record<OtlpFailure, number>>
  /** Absent until one succeeded. */
  lastSuccessAgeSeconds?: number
}

export interface OtlpStatus {
  record(outcome: OtlpOutcome): void
  stats(): OtlpStats
}

/**
 * Counts outcomes, and logs each change between arriving and failing: not each push.
 *
 * @param endpoint where they go, for the log
 */
export function createOtlpStatus(endpoint: string, { nowMs, log }: { nowMs(): number; log: Logger }): OtlpStatus {
  const failures = Object.fromEntries(OTLP_FAILURES.map((reason) => [reason, 0])) as Record<OtlpFailure, number>
  let exports = 0
  let lastSuccessMs: number | undefined
  let isArriving: boolean | undefined

  return {
    record(outcome) {
      exports += 1
      if (outcome.ok) lastSuccessMs = nowMs()
      else failures[outcome.reason] += 1
      if (isArriving === outcome.ok) return
      isArriving = outcome.ok
      if (outcome.ok) log.info({ endpoint }, 'metrics arrive by OTLP')
      else
        log.warn(
          { endpoint, reason: outcome.reason, detail: outcome.detail },
          'metrics do not arrive by OTLP (otlp.endpoint)',
        )
    },
    stats: () => ({
      exports,
      failures: { ...failures },
      ...(lastSuccessMs !== undefined && { lastSuccessAgeSeconds: Math.max(0, nowMs() - lastSuccessMs) / 1000 }),
    }),
  }
}
