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

/**
 * The value below which a share of the observations is, as far as buckets tell: evenly spread within each, the last
 * bound for what is beyond it. Undefined when there is no observation.
 *
 * @param share between 0 and 1
 */
export function bucketQuantile(
  share: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | undefined {
  const rank = share * counts.reduce((sum, count) => sum + count, 0)
  if (rank === 0) return undefined
  let below = 0
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0
    const lower = bounds[index - 1] ?? 0
    if (below + count >= rank) return lower + ((bound - lower) * (rank - below)) / count
    below += count
  }
  return bounds.at(-1)
}
