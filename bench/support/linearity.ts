/** Whether what was measured grows faster than in a line, where equal measurements differ. */
import { sum } from './statistics.ts'

/** What was measured of one size, each time. */
export interface Point {
  at: number
  values: readonly number[]
}

export interface Growth {
  /** For each unit from the first point to the last, by the means. */
  perUnit: number
  /** How far the last point lies above the line through the first and one between, by the means: the most of those between, in hundredths of the line's value. */
  abovePercent: number
  /** The same where what differs between equal measurements is read for the line: lowest first and last, highest between. */
  surelyAbovePercent: number
}

/**
 * Growth that is at worst linear keeps the last point on or below every line from the first through one between.
 *
 * @param points in the order of their sizes, three at least
 */
export function growthOf(points: readonly Point[]): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 3) throw new Error(`a curve has three points or more: ${points.length}`)
  const above = (end: (values: readonly number[]) => number, middle: (values: readonly number[]) => number) => {
    const [from, to] = [end(first.values), end(last.values)]
    const excesses = points.slice(1, -1).map(({ at, values }) => {
      // What falls by chance is no line to be measured against.
      const slope = Math.max(0, middle(values) - from) / (at - first.at)
      const line = from + slope * (last.at - first.at)
      return ((to - line) / line) * 100
    })
    return Math.max(...excesses)
  }
  return {
    perUnit: (mean(last.values) - mean(first.values)) / (last.at - first.at),
    abovePercent: above(mean, mean),
    surelyAbovePercent: above(
      (values) => Math.min(...values),
      (values) => Math.max(...values),
    ),
  }
}

/** How far equal measurements were apart, at the most of all points, in hundredths of the lower one. */
export function spreadPercent(points: readonly Point[]): number {
  return Math.max(...points.map(({ values }) => (Math.max(...values) / Math.min(...values) - 1) * 100))
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
