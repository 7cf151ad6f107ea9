import type { Attributes } from '@opentelemetry/api'
import { DataPointType, type DataPoint, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { compare, prometheusLabels, prometheusName } from './prometheus-labels.ts'

/** Told of each series, or metric, that is left out because Prometheus would reject the whole scrape for it. */
export type OnRejected = () => void

type ValidMetric = Exclude<MetricData, { dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM }>

/**
 * All metrics of a collection as Prometheus may have them: one family a name, no sample name twice, valid labels, no
 * series twice; families and series in the order of their names, so that equal collections are written equally.
 */
export function prometheusFamilies(resourceMetrics: ResourceMetrics, onRejected: OnRejected): ValidMetric[] {
  const families = new Map<string, ValidMetric[]>()
  for (const metric of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
    const name = familyName(metric)
    if (name === undefined || metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) onRejected()
    else families.set(name, [...(families.get(name) ?? []), metric])
  }
  const taken = new Set(['target_info'])
  return [...families]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([name, metrics]) => family(name, metrics, taken, onRejected) ?? [])
}

function familyName(metric: MetricData): string | undefined {
  const name = prometheusName(metric.descriptor.name)
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic
  return name === undefined || !isCounter || name.endsWith('_total') ? name : `${name}_total`
}

/** The first metric of a name decides its type and help; those of another type are left out. */
function family(
  name: string,
  metrics: readonly ValidMetric[],
  taken: Set<string>,
  onRejected: OnRejected,
): ValidMetric | undefined {
  const [first] = metrics
  if (first === undefined) return undefined
  const sampleNames = writtenNames(name, first)
  if (sampleNames.some((sampleName) => taken.has(sampleName))) {
    onRejected()
    return undefined
  }
  const alike = metrics.filter((metric) => isAlike(first, metric))
  for (let count = alike.length; count < metrics.length; count++) onRejected()
  const descriptor = { ...first.descriptor, name, unit: '' }
  const valid = withPoints({ ...first, descriptor }, alike, onRejected)
  if (valid.dataPoints.length === 0) return undefined
  for (const sampleName of sampleNames) taken.add(sampleName)
  return valid
}

function writtenNames(name: string, metric: ValidMetric): string[] {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return [name]
  return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]
}

function isAlike(first: ValidMetric, metric: ValidMetric): boolean {
  if (metric.dataPointType !== first.dataPointType) return false
  return !('isMonotonic' in metric) || !('isMonotonic' in first) || metric.isMonotonic === first.isMonotonic
}

function withPoints(first: ValidMetric, metrics: readonly ValidMetric[], onRejected: OnRejected): ValidMetric {
  if (first.dataPointType === DataPointType.HISTOGRAM) {
    const points = metrics.flatMap((metric) => (metric.dataPointType === first.dataPointType ? metric.dataPoints : []))
    return { ...first, dataPoints: validPoints(points, onRejected, 'le') }
  }
  const points = metrics.flatMap((metric) =>
    metric.dataPointType === DataPointType.HISTOGRAM ? [] : metric.dataPoints,
  )
  return { ...first, dataPoints: validPoints(points, onRejected) }
}

/** @param reserved a label name that the serializer adds itself */
function validPoints<T>(points: readonly DataPoint<T>[], onRejected: OnRejected, reserved?: string): DataPoint<T>[] {
  const valid = new Map<string, DataPoint<T>>()
  for (const point of points) {
    const attributes = validLabels(point.attributes, reserved)
    const key = JSON.stringify(attributes)
    if (attributes === undefined || valid.has(key)) onRejected()
    else valid.set(key, { ...point, attributes })
  }
  const keys = [...valid.keys()].sort()
  return keys.flatMap((key) => valid.get(key) ?? [])
}

function validLabels(attributes: Attributes, reserved: string | undefined): Record<string, string> | undefined {
  const labels = prometheusLabels(attributes)
  return labels !== undefined && reserved !== undefined && reserved in labels ? undefined : labels
}
