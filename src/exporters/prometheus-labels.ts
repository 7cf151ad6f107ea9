import type { Attributes } from '@opentelemetry/api'

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** A metric name as the stock serializer will write it, `_total` aside; `undefined` if no valid one can be made of it. */
export function prometheusName(name: string): string | undefined {
  const sanitized = sanitize(name)
  return METRIC_NAME.test(sanitized) && sanitized !== '_' ? sanitized : undefined
}

/**
 * Attributes as Prometheus labels, in the order of their names. Keys that become the same name are merged: their values,
 * in the order of the original keys, joined with `;` (OpenTelemetry's Prometheus compatibility specification).
 *
 * @returns `undefined` if a key yields no valid or only a reserved name
 */
export function prometheusLabels(attributes: Attributes): Record<string, string> | undefined {
  const keys = Object.keys(attributes).sort()
  // Nearly all are: then neither does a name change nor the order.
  if (!keys.every(isLabelName)) return sanitizedLabels(attributes, keys)
  const labels: Record<string, string> = {}
  for (const key of keys) labels[key] = labelValue(attributes[key])
  return labels
}

function sanitizedLabels(attributes: Attributes, keys: readonly string[]): Record<string, string> | undefined {
  const labels = new Map<string, string>()
  for (const key of keys) {
    const name = sanitize(key)
    if (!LABEL_NAME.test(name) || name === '_') return undefined
    const value = labelValue(attributes[key])
    const merged = labels.get(name)
    labels.set(name, merged === undefined ? value : `${merged};${value}`)
  }
  return Object.fromEntries([...labels].sort(([a], [b]) => compare(a, b)))
}

/** Whether it is one as it is. `__proto__` would not become a property. */
function isLabelName(key: string): boolean {
  return LABEL_NAME.test(key) && key !== '_' && !key.includes('__')
}

/** Code unit order: the same on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Also makes a name that Prometheus reserves, `__…`, an ordinary one. */
function sanitize(name: string): string {
  const replaced = name.replaceAll(/[^a-zA-Z0-9_]+/g, '_').replaceAll(/_{2,}/g, '_')
  return /^[0-9]/.test(replaced) ? `_${replaced}` : replaced
}

function labelValue(value: Attributes[string]): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
