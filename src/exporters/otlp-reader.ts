import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { MetricReader } from '@opentelemetry/sdk-metrics'
import { errorText } from '../errors.ts'
import type { Logger } from '../log.ts'
import { withDeadline } from './deadline.ts'
import { createDepartures, finitePoints } from './otlp-batch.ts'
import { createOtlpStatus, type OtlpStats, type OtlpStatus } from './otlp-status.ts'
import type { OtlpOutcome } from './otlp-failure.ts'
import type { OtlpTransport } from './otlp-transport.ts'

export interface OtlpReaderOptions {
  /** Where the pushes go, for the log. */
  endpoint: string
  /** From the start of one push to that of the next, in milliseconds. */
  intervalMs: number
  /** How long a collection and its push may take together, in milliseconds; the interval at most. */
  timeoutMs: number
  /** The same for the last one, at shutdown. Default 1,500. */
  lastPushMs?: number
  /** Gauges whose ended series are pushed as 0 once more. */
  zeroWhenGone: readonly string[]
}

export interface OtlpReaderDeps {
  transport: OtlpTransport
  /** Told of each point that was left out because it is not a number. */
  onRejected(): void
  /** The host's monotonic clock, in milliseconds. */
  nowMs(): number
  log: Logger
}

const FIRST_RETRY_MS = 1000
/** Why a push was ended that is no failure. */
const SHUTDOWN = 'shutdown'

/**
 * Pushes by OTLP, one push at a time. Nothing is kept of one that failed: the next one says everything again, as it is
 * then. After a failure that may pass it comes early, so that a receiver that restarts misses little.
 */
export class OtlpReader extends MetricReader {
  readonly #options: OtlpReaderOptions
  readonly #deps: OtlpReaderDeps
  readonly #departures
  readonly #status: OtlpStatus
  #timer: NodeJS.Timeout | undefined
  #push: { controller: AbortController; done: Promise<void> } | undefined
  #failuresInARow = 0
  #isStopped = false

  constructor(options: OtlpReaderOptions, deps: OtlpReaderDeps) {
    super()
    this.#options = options
    this.#deps = deps
    this.#departures = createDepartures(options.zeroWhenGone)
    this.#status = createOtlpStatus(options.endpoint, deps)
  }

  /** The first push comes after one interval. Idempotent. */
  start(): void {
    if (!this.#isStopped && this.#timer === undefined) this.#schedule(this.#options.intervalMs)
  }

  /** What the pushes came to. */
  stats(): OtlpStats {
    return this.#status.stats()
  }

  #schedule(ms: number): void {
    this.#timer = setTimeout(() => void this.#round(), ms).unref()
  }

  async #round(): Promise<void> {
    const startMs = this.#deps.nowMs()
    const { intervalMs, timeoutMs } = this.#options
    const outcome = await this.#pushOnce(Math.min(timeoutMs, intervalMs))
    if (this.#isStopped) return
    this.#failuresInARow = outcome.ok ? 0 : this.#failuresInARow + 1
    const tookMs = this.#deps.nowMs() - startMs
    this.#schedule(Math.max(0, this.#waitMs(outcome) - (outcome.ok ? tookMs : 0)))
  }

  #waitMs(outcome: OtlpOutcome): number {
    const { intervalMs } = this.#options
    if (outcome.ok || !outcome.isRetryable) return intervalMs
    // Many sidecars lose one receiver at the same moment: not all of them should come back at the same one.
    const backOffMs = FIRST_RETRY_MS * 2 ** Math.min(this.#failuresInARow - 1, 16)
    const jittered = backOffMs * (0.8 + 0.4 * Math.random())
    return Math.max(Math.min(intervalMs, jittered), outcome.retryAfterMs ?? 0)
  }

  /** Collects and pushes, and counts the outcome unless it was cut short by a shutdown. Never rejects. */
  async #pushOnce(timeoutMs: number): Promise<OtlpOutcome> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), timeoutMs)
    const done = Promise.withResolvers<void>()
    const push = { controller, done: done.promise }
    this.#push = push
    try {
      const outcome = await this.#collectAndSend(controller.signal, timeoutMs)
      if (controller.signal.reason !== SHUTDOWN) this.#status.record(outcome)
      return outcome
    } finally {
      clearTimeout(timer)
      if (this.#push === push) this.#push = undefined
      done.resolve()
    }
  }

  async #collectAndSend(signal: AbortSignal, timeoutMs: number): Promise<OtlpOutcome> {
    const body = await this.#collectBody(timeoutMs, signal)
    if (!(body instanceof Uint8Array)) {
      return { ok: false, reason: 'collection', detail: body, isRetryable: false }
    }
    const outcome = await this.#deps.transport.send(body, signal)
    if (outcome.ok) this.#departures.arrived()
    return outcome
  }

  /** The request's body, or why there is none: half a truth is not pushed. */
  async #collectBody(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array | string> {
    try {
      const { resourceMetrics, errors } = await withDeadline(this.collect(), timeoutMs, 'the collection')
      if (errors.length > 0) return errorText(errors[0])
      if (signal.aborted) return 'it ended too late to be pushed'
      const batch = finitePoints(resourceMetrics, () => this.#deps.onRejected())
      return ProtobufMetricsSerializer.serializeRequest(this.#departures.addZeros(batch)) ?? 'nothing to push'
    } catch (error) {
      return errorText(error)
    }
  }

  /** Ends a push that runs, and makes a last one, all within its deadline. */
  protected override async onShutdown(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    const startMs = this.#deps.nowMs()
    const { lastPushMs = 1500 } = this.#options
    this.#push?.controller.abort(SHUTDOWN)
    await withDeadline(this.#push?.done ?? Promise.resolve(), lastPushMs / 3, 'the last push but one').catch(() => {})
    await this.#pushOnce(Math.max(0, lastPushMs - (this.#deps.nowMs() - startMs)))
  }

  protected override async onForceFlush(): Promise<void> {}
}
