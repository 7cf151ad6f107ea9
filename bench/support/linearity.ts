/** Whether what was measured grows faster than in a line, and whether the measurement could tell. */
import { mean, median, sum } from './statistics.ts'

/** What was measured of one size, each time. */
export interface Point {
  at: number
  values: readonly number[]
}

export interface Growth {
  /** For each unit from the first point to the last. */
  perUnit: number
  /** From the first point to the last, in hundredths of the first. */
  allPercent: number
  /**
   * How far the points between lie below the line from the first to the last, in hundredths of the line there, the one that is furthest: above 0
   * where a later unit costs more than an earlier one.
   */
  belowPercent: number
  /** The same, had all that was added between the first and the last grown with the square of the size. */
  squarePercent: number
}

/**
 * Growth that is at worst linear keeps every point on or above the line from the first to the last.
 *
 * @param points in the order of their sizes, three at least, of different sizes
 */
export function growthOf(points: readonly Point[]): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 3) throw new Error(`a curve has three points or more: ${points.length}`)
  const [base, top] = [mean(first.values), mean(last.values)]
  const share = (at: number) => (at - first.at) / (last.at - first.at)
  const furthestBelow = (of: (point: Point) => number) => {
    const below = points.slice(1, -1).map((point) => (1 - of(point) / (base + (top - base) * share(point.at))) * 100)
    // A size of which nothing came is not above the line.
    return below.every(Number.isFinite) ? Math.max(...below) : Number.NaN
  }
  return {
    perUnit: (top - base) / (last.at - first.at),
    allPercent: (top / base - 1) * 100,
    belowPercent: furthestBelow(({ values }) => mean(values)),
    squarePercent: furthestBelow(({ at }) => base + (top - base) * share(at) ** 2),
  }
}

/** So many standard errors away is no chance any more, of as many points as are looked at together. */
const ERRORS = 4
/** Equal sizes have as many digits; the numbers of larger ones may have one more. */
const LEAST_PERCENT = 0.1

/**
 * How far a mean may be from the line by chance, in hundredths.
 *
 * @param equal measurements of one size: what they differ by is chance
 * @param times of which the mean is taken
 */
export function chancePercent(equal: readonly number[], times: number): number {
  const center = mean(equal)
  const variance = sum(equal.map((value) => (value - center) ** 2)) / (equal.length - 1)
  return Math.max(LEAST_PERCENT, ((ERRORS * Math.sqrt(variance / times)) / median(equal)) * 100)
}

/** Whether growth is at worst linear. Not told where something grows and even a square would look like chance. */
export function growthVerdict({ perUnit, allPercent, belowPercent, squarePercent }: Growth, chance: number): string {
  if (!Number.isFinite(belowPercent)) return 'not measured'
  if (belowPercent > chance && perUnit > 0) return 'MISSED'
  if (allPercent <= chance) return 'reached, not seen to grow'
  return squarePercent > chance ? 'reached' : 'not told: too little grows'
}
