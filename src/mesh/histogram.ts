import type { HistogramValue } from './totals.ts'

/** One series of a histogram. */
export interface Histogram {
  observe(value: number): void
}

/** @param bounds upper bounds, without +Inf, in ascending order */
export function createHistogram(bounds: readonly number[]): HistogramValue & Histogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  return {
    counts,
    sum: 0,
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound)
      const index = found === -1 ? bounds.length : found
      counts[index] = (counts[index] ?? 0) + 1
      this.sum += value
    },
  }
}
