import type { HistogramValue } from './totals.ts'

/** One series of a histogram. */
export interface Histogram {
  observe(value: number): void
}

/** Nothing observed yet: a count for each bound, and one for what is beyond them. */
export function emptyHistogram(bounds: readonly number[]): HistogramValue {
  return { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

/** @param bounds upper bounds, without +Inf, in ascending order */
export function createHistogram(bounds: readonly number[]): HistogramValue & Histogram {
  const { counts, sum } = emptyHistogram(bounds)
  return {
    counts,
    sum,
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound)
      const index = found === -1 ? bounds.length : found
      counts[index] = (counts[index] ?? 0) + 1
      this.sum += value
    },
  }
}
