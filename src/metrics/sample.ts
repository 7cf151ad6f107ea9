import type { HistogramValue } from '../mesh/totals.ts'
import type { LabelsOf, MetricName } from './catalogue.ts'

/** One value of one series. */
export interface Sample {
  /** The name of a row. */
  metric: string
  labels: Record<string, string>
  value: number
}

/** The same of a histogram. */
export interface HistogramSample extends Omit<Sample, 'value'> {
  value: HistogramValue
}

/** A sample whose labels the compiler compared with the metric's row in the catalogue. */
export function sample<N extends MetricName>(metric: N, labels: LabelsOf<N>, value: number): Sample {
  return { metric, labels, value }
}
