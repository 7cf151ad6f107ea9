import {
  AggregationTemporality,
  InstrumentType,
  MetricReader,
  type CollectionResult,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'

/**
 * The SDK keeps every label set that an instrument ever had, and folds those beyond its limit (2,000 by default) into
 * an overflow series without a word. What bounds the series is whoever makes them; this is far above.
 */
const SERIES_LIMIT = 65_536

export interface SharedReaderOptions {
  /** How long a collection may take, in milliseconds. */
  deadlineMs: number
}

/**
 * The one reader that the SDK knows. Every exporter's reader collects through it, and calls during a collection share it.
 * With a reader each, the SDK runs all callbacks once a reader and records what they observe for every reader: a series
 * that has ended then shows once more in the one that collects next.
 */
export class SharedReader extends MetricReader {
  readonly #deadlineMs: number
  #collection: Promise<CollectionResult> | undefined
  #lastEndMs = 0

  constructor(options: SharedReaderOptions, deps: { producers: MetricProducer[] }) {
    super({
      metricProducers: deps.producers,
      aggregationTemporalitySelector: temporality,
      cardinalitySelector: () => SERIES_LIMIT,
    })
    this.#deadlineMs = options.deadlineMs
  }

  /** Settles by the deadline: callbacks and producers that take longer are errors of the result. */
  override async collect(): Promise<CollectionResult> {
    this.#collection ??= this.#run().finally(() => {
      this.#collection = undefined
    })
    return this.#collection
  }

  /** The SDK takes the later of two observations by the wall clock: after that went back, the old value of every gauge. */
  async #run(): Promise<CollectionResult> {
    const startMs = Date.now()
    const collected = await super.collect({ timeoutMillis: this.#deadlineMs })
    const hasClockGoneBack = Math.min(startMs, Date.now()) < this.#lastEndMs
    const result = hasClockGoneBack ? await super.collect({ timeoutMillis: this.#deadlineMs }) : collected
    this.#lastEndMs = Date.now()
    return result
  }

  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}

/**
 * DELTA for observable gauges only: a gauge has no delta, but a series that is no longer observed then ends at the next
 * collection (open-telemetry/opentelemetry-js#4096). DELTA for counters would be refused by Prometheus' OTLP receiver.
 */
function temporality(type: InstrumentType): AggregationTemporality {
  return type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
}
