import { MetricReader, type CollectionResult } from '@opentelemetry/sdk-metrics'
import { errorText } from '../errors.ts'
import type { OnRejected } from './prometheus-families.ts'
import { PROMETHEUS_CONTENT_TYPE, StrictPrometheusSerializer } from './prometheus-serializer.ts'

/** A whole scrape, or why there is none. Never a part of one. */
export type Scrape = { ok: true; body: string; contentType: string } | { ok: false; reason: string }

/** Prometheus text on demand. Whoever serves it over HTTP is not its business. */
export class PrometheusReader extends MetricReader {
  readonly #serializer: StrictPrometheusSerializer
  #scrape: Promise<Scrape> | undefined

  constructor(deps: { onRejected: OnRejected }) {
    super()
    this.#serializer = new StrictPrometheusSerializer(deps)
  }

  /** Never rejects. Calls during a scrape share it. */
  async scrape(): Promise<Scrape> {
    this.#scrape ??= this.#run().finally(() => {
      this.#scrape = undefined
    })
    return this.#scrape
  }

  async #run(): Promise<Scrape> {
    try {
      return this.#toScrape(await this.collect())
    } catch (error) {
      return { ok: false, reason: `The collection failed: ${errorText(error)}` }
    }
  }

  #toScrape({ resourceMetrics, errors }: CollectionResult): Scrape {
    if (errors.length > 0) {
      return {
        ok: false,
        reason: `The collection is incomplete: ${errors
          .slice(0, 3)
          .map((error) => errorText(error))
          .join('; ')}`,
      }
    }
    return { ok: true, body: this.#serializer.serialize(resourceMetrics), contentType: PROMETHEUS_CONTENT_TYPE }
  }

  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}
