/** Whether what was measured grows faster than in a line, and whether the measurement could tell. */
import { mean, sum } from './statistics.ts'

/** What was measured of one size, each time. */
export interface Point {
  at: number
  values: readonly number[]
}

/** A difference in hundredths, and how far from the truth it may be by chance. */
export interface Difference {
  percent: number
  chance: number
}

export interface Growth {
  /** For each unit from the first point to the last. */
  perUnit: number
  /** From the first point to the last, in hundredths of the first. */
  added: Difference
  /**
   * How far a point between lies below the line from the first to the last, in hundredths of the line there: above 0 where a later unit costs
   * more than an earlier one. Of a point that shows the verdict.
   */
  below: Difference
  /** Where that point would be, had all that was added grown with the square of the size. */
  squarePercent: number
  verdict: string
}

/** A point between the first and the last, and the line that joins these. */
interface Between {
  below: Difference
  squarePercent: number
}

/** So many standard errors away is no chance any more, of the thirty or so points that are looked at together. */
const ERRORS = 3
/** Equal sizes have as many digits; the numbers of larger ones may have one more. */
const LEAST_SPREAD = 0.0005

/** The standard deviation of one measurement, as a share of what is measured, from sizes that were measured several times. */
export function relativeSpread(sizes: readonly (readonly number[])[]): number {
  const measured = sizes.filter((values) => values.every(Number.isFinite))
  const squares = measured.flatMap((values) => values.map((value) => (value / mean(values) - 1) ** 2))
  const freedom = sum(measured.map((values) => values.length - 1))
  return Math.max(LEAST_SPREAD, Math.sqrt(sum(squares) / freedom))
}

/**
 * Growth that is at worst linear keeps every point on or above the line from the first to the last. The verdict is that it is so where that
 * cannot be a square either; growth between the two is not told apart.
 *
 * @param points in the order of their sizes, three at least, of different sizes
 * @param spread of one measurement, as `relativeSpread` gives it
 */
export function growthOf(points: readonly Point[], spread: number): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 3) throw new Error(`a curve has three points or more: ${points.length}`)
  const [base, top] = [mean(first.values), mean(last.values)]
  const added = differenceOf(top - base, [deviation(first, spread), deviation(last, spread)], base)
  const between = points.slice(1, -1).map((point) => betweenOf(point, { first, last }, spread))
  const verdict = verdictOf(points, added, between)
  const shown = verdict === 'MISSED' ? ({ below }: Between) => excess(below) : excludesSquare
  const [{ below, squarePercent } = { below: added, squarePercent: Number.NaN }] = between.toSorted(
    (a, b) => shown(b) - shown(a),
  )
  return { perUnit: (top - base) / (last.at - first.at), added, below, squarePercent, verdict }
}

function betweenOf(point: Point, { first, last }: { first: Point; last: Point }, spread: number): Between {
  const [base, top] = [mean(first.values), mean(last.values)]
  const share = (point.at - first.at) / (last.at - first.at)
  const line = base + (top - base) * share
  const square = base + ((top - base) * (point.at ** 2 - first.at ** 2)) / (last.at ** 2 - first.at ** 2)
  const deviations = [deviation(point, spread), (1 - share) * deviation(first, spread), share * deviation(last, spread)]
  return {
    below: differenceOf(line - mean(point.values), deviations, line),
    squarePercent: (1 - square / line) * 100,
  }
}

/** Of a mean. */
function deviation({ values }: Point, spread: number): number {
  return (mean(values) * spread) / Math.sqrt(values.length)
}

function differenceOf(difference: number, deviations: readonly number[], whole: number): Difference {
  const deviation = Math.sqrt(sum(deviations.map((each) => each ** 2)))
  return { percent: (difference / whole) * 100, chance: (ERRORS * deviation * 100) / whole }
}

function excess({ percent, chance }: Difference): number {
  return percent - chance
}

function excludesSquare({ below, squarePercent }: Between): number {
  return squarePercent - below.percent - below.chance
}

function verdictOf(points: readonly Point[], added: Difference, between: readonly Between[]): string {
  const means = points.map(({ values }) => mean(values))
  if (!means.every(Number.isFinite)) return 'not measured'
  if (added.percent < -added.chance && means.at(-1) === Math.min(...means)) return 'falls'
  if (between.some(({ below }) => excess(below) > 0)) return 'MISSED'
  if (between.some((point) => excludesSquare(point) > 0)) return 'reached'
  if (added.percent > added.chance) return 'not told: too little grows'
  return `not seen to grow: ${Math.max(0, added.percent + added.chance).toFixed(0)} % at most`
}
