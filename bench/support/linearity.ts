/** Whether what was measured grows faster than in a line. */
import { median, sum } from './statistics.ts'

/** What was measured of one size, each time. */
export interface Point {
  at: number
  values: readonly number[]
}

export interface Growth {
  /** For each unit from the first point to the last. */
  perUnit: number
  /**
   * How far the points between lie below the line from the first to the last, in hundredths of the line there, the one that is furthest: above 0
   * where a later unit costs more than an earlier one.
   */
  belowPercent: number
}

/**
 * Growth that is at worst linear keeps every point on or above the line from the first to the last.
 *
 * @param points in the order of their sizes, three at least, of different sizes
 */
export function growthOf(points: readonly Point[]): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 3) throw new Error(`a curve has three points or more: ${points.length}`)
  const perUnit = (mean(last.values) - mean(first.values)) / (last.at - first.at)
  const below = points.slice(1, -1).map(({ at, values }) => {
    const line = mean(first.values) + perUnit * (at - first.at)
    return (1 - mean(values) / line) * 100
  })
  return { perUnit, belowPercent: Math.max(...below) }
}

/** So many standard errors away is no chance any more, of as many points as are looked at together. */
const ERRORS = 4

/**
 * How far a mean may be from the line by chance, in hundredths.
 *
 * @param equal measurements of one size: what they differ by is chance
 * @param times of which the mean is taken
 */
export function chancePercent(equal: readonly number[], times: number): number {
  const center = mean(equal)
  const variance = sum(equal.map((value) => (value - center) ** 2)) / (equal.length - 1)
  return ((ERRORS * Math.sqrt(variance / times)) / median(equal)) * 100
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
