import type { Examination, MetricsReport } from './examine-metrics.ts'

/** At least so long from the beginning of one reading to that of the next, in milliseconds. */
const INTERVAL_MS = 15_000
/** A report that is older says nothing of now, in milliseconds: eight intervals, for whoever scrapes each minute. */
const MAX_AGE_MS = 120_000

export interface MetricsWatchDeps {
  /** Reads once; takes bounded time and never rejects. */
  examine(signal: AbortSignal): Promise<Examination>
  /** The host's monotonic clock. */
  nowMs(): number
}

/** A client's metrics, read again and again while somebody asks. */
export interface MetricsWatch {
  /**
   * Begins a reading when it is time, and waits for none: the other side may take as long as it is allowed to.
   *
   * @throws Error why the last reading failed
   */
  refresh(): void
  /** Of the last reading; undefined when there is none, it failed, or it is over two minutes old. */
  report(): MetricsReport | undefined
  /** Ends a reading that goes on. */
  stop(): void
}

export function createMetricsWatch({ examine, nowMs }: MetricsWatchDeps): MetricsWatch {
  const stopping = new AbortController()
  let begunAtMs = -Infinity
  let isReading = false
  let last: { examination: Examination; atMs: number } | undefined

  async function read(): Promise<void> {
    begunAtMs = nowMs()
    isReading = true
    const examination = await examine(stopping.signal)
    isReading = false
    last = { examination, atMs: nowMs() }
  }

  return {
    refresh() {
      const isDue = !isReading && nowMs() - begunAtMs >= INTERVAL_MS
      if (isDue && !stopping.signal.aborted) void read()
      if (last?.examination.ok === false) throw new Error(last.examination.detail)
    },
    report() {
      if (last?.examination.ok !== true || nowMs() - last.atMs > MAX_AGE_MS) return undefined
      return last.examination
    },
    stop: () => stopping.abort(),
  }
}
