import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { prometheusFamilies, type OnRejected } from './prometheus-families.ts'
import { prometheusLabels } from './prometheus-labels.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * The stock serializer, given only what Prometheus accepts: one invalid or doubled name, which the stock one writes,
 * loses the whole scrape. No scope labels; the resource is `target_info`.
 */
export class StrictPrometheusSerializer extends PrometheusSerializer {
  readonly #onRejected: OnRejected

  constructor(deps: { onRejected: OnRejected }) {
    super('', false, undefined, false, true)
    this.#onRejected = deps.onRejected
  }

  override serialize({ resource, scopeMetrics }: ResourceMetrics): string {
    const metrics = prometheusFamilies({ resource, scopeMetrics }, this.#onRejected)
    const text = super.serialize({ resource: this.#valid(resource), scopeMetrics: [{ scope: { name: '' }, metrics }] })
    return text.endsWith('\n') ? text : `${text}\n`
  }

  /** Attribute by attribute, so that one bad key does not cost the others. */
  #valid(resource: Resource): Resource {
    const valid = Object.entries(resource.attributes).filter(([key]) => prometheusLabels({ [key]: '' }) !== undefined)
    for (let count = valid.length; count < Object.keys(resource.attributes).length; count++) this.#onRejected()
    return resourceFromAttributes(prometheusLabels(Object.fromEntries(valid)) ?? {})
  }
}
