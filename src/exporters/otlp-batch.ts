import type { Attributes } from '@opentelemetry/api'
import { DataPointType, type DataPoint, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'

type GaugeMetric = Extract<MetricData, { dataPointType: DataPointType.GAUGE }>
type Series = Map<string, Attributes>

/** Leaves out what is not a number: some receivers refuse the whole request for one such point. */
export function finitePoints(batch: ResourceMetrics, onRejected: () => void): ResourceMetrics {
  return mapMetrics(batch, (metric) => {
    if (metric.dataPointType !== DataPointType.GAUGE && metric.dataPointType !== DataPointType.SUM) return metric
    const dataPoints = metric.dataPoints.filter(({ value }) => Number.isFinite(value))
    for (let count = dataPoints.length; count < metric.dataPoints.length; count++) onRejected()
    return { ...metric, dataPoints }
  })
}

/** Remembers what a receiver was told, so that a series that ends can be pushed as 0 once more. */
export interface Departures {
  /** The batch with a 0 for each series that the receiver holds and that has ended. */
  addZeros(batch: ResourceMetrics): ResourceMetrics
  /** The receiver took the last batch: it needs no zero of it again. */
  arrived(): void
}

/**
 * A receiver forgets only by expiry, minutes later. This is the state of one reader: the collection that it shares with
 * a scrape has no zeros in it, so there the series ends at once.
 *
 * @param names the gauges whose ended series truly are 0; while such a gauge has no series at all, nothing is known of it
 */
export function createDepartures(names: readonly string[]): Departures {
  let held = new Map<string, Series>()
  let present = new Map<string, Series>()

  function withZeros(metric: GaugeMetric): GaugeMetric {
    const { name } = metric.descriptor
    const [first] = metric.dataPoints
    if (first === undefined) return metric
    const now: Series = new Map(metric.dataPoints.map(({ attributes }) => [seriesKey(attributes), attributes]))
    const before: Series = held.get(name) ?? new Map<string, Attributes>()
    const zeros = [...before]
      .filter(([key]) => !now.has(key))
      .map(([, attributes]): DataPoint<number> => ({ ...first, attributes, value: 0 }))
    present.set(name, now)
    // A push that seems to fail may still have arrived.
    held.set(name, new Map([...before, ...now]))
    return { ...metric, dataPoints: [...metric.dataPoints, ...zeros] }
  }

  return {
    addZeros(batch) {
      present = new Map()
      return mapMetrics(batch, (metric) =>
        metric.dataPointType === DataPointType.GAUGE && names.includes(metric.descriptor.name)
          ? withZeros(metric)
          : metric,
      )
    },
    arrived() {
      held = new Map([...held, ...present])
    },
  }
}

function seriesKey(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Metrics without a point are left out. */
function mapMetrics(batch: ResourceMetrics, map: (metric: MetricData) => MetricData): ResourceMetrics {
  const scopeMetrics = batch.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(map).filter(({ dataPoints }) => dataPoints.length > 0),
  }))
  return { ...batch, scopeMetrics }
}
