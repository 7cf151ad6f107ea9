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

/** A point between the first and the last. */
export interface Between {
  at: number
  /** The line from the first to the last, less this point, in hundredths of the line there: above 0 where a later unit costs more than an earlier one. */
  below: Difference
  /** Where it would be, had all that was added grown with the square of the size. */
  squarePercent: number
}

export interface Growth {
  /** For each unit from the first point to the last. */
  perUnit: number
  /** From the first point to the last, in hundredths of the first. */
  added: Difference
  /** The point that shows the verdict. */
  shown: Between
  verdict: string
}

/**
 * So many standard errors away is no chance any more: of thirty points that are looked at together, one is further from where it belongs in one
 * run of thirty.
 */
const ERRORS = 3.5
/** Equal sizes have as many digits; the numbers of larger ones may have one more. */
const LEAST_SPREAD = 0.0005

/**
 * The standard deviation of one measurement, as a share of what is measured, from all sizes that were measured several times. What makes all
 * sizes of a curve larger in one round than in another makes no curve, and is left out.
 *
 * @param curves of each size what was measured in each round, all sizes of a curve at once
 */
export function relativeSpread(curves: readonly (readonly (readonly number[])[])[]): number {
  const measured = curves.filter((sizes) => sizes.flat().every(Number.isFinite))
  const squares = measured.flatMap((sizes) => differences(sizes).map((difference) => difference ** 2))
  const freedom = sum(measured.map((sizes) => (sizes.length - 1) * ((sizes[0]?.length ?? 0) - 1)))
  return Math.max(LEAST_SPREAD, Math.sqrt(sum(squares) / freedom))
}

/** How each differs from its size's mean, less how its round does, as shares. */
function differences(sizes: readonly (readonly number[])[]): number[] {
  const shares = sizes.map((values) => values.map((value) => value / mean(values) - 1))
  const ofRound = (shares[0] ?? []).map((_, round) => mean(shares.map((each) => each[round] ?? Number.NaN)))
  return shares.flatMap((each) => each.map((share, round) => share - (ofRound[round] ?? Number.NaN)))
}

/**
 * Growth that is at worst linear keeps every point on or above the line from the first to the last. It is reached where a part of what was added
 * may have grown with the square of the size and not all of it; how large a part at most is said.
 *
 * @param points in the order of their sizes, three at least
 * @param spread of one measurement, as `relativeSpread` gives it
 */
export function growthOf(points: readonly Point[], spread: number): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 3) throw new Error(`a curve has three points or more: ${points.length}`)
  const [base, top] = [mean(first.values), mean(last.values)]
  const added = differenceOf(top - base, [deviation(first, spread), deviation(last, spread)], base)
  const between = points.slice(1, -1).map((point) => betweenOf(point, { first, last }, spread))
  const missed = highest(between, ({ below }) => below.percent - below.chance)
  const told = highest(between, (point) => -squareShare(point))
  const perUnit = (top - base) / (last.at - first.at)
  const [shown, verdict] = verdictOf(points, { added, missed, told })
  return { perUnit, added, shown, verdict }
}

function betweenOf(point: Point, { first, last }: { first: Point; last: Point }, spread: number): Between {
  const [base, top] = [mean(first.values), mean(last.values)]
  const share = (point.at - first.at) / (last.at - first.at)
  const line = base + (top - base) * share
  const square = base + ((top - base) * (point.at ** 2 - first.at ** 2)) / (last.at ** 2 - first.at ** 2)
  const ends = [(1 - share) * deviation(first, spread), share * deviation(last, spread)]
  return {
    at: point.at,
    below: differenceOf(line - mean(point.values), [deviation(point, spread), ...ends], line),
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

/** How much of what was added may have grown with the square of the size, as a share: 1 or more where all of it may. */
function squareShare({ below, squarePercent }: Between): number {
  return squarePercent > 0 ? Math.max(0, below.percent + below.chance) / squarePercent : Infinity
}

function highest(between: readonly Between[], of: (point: Between) => number): Between {
  return between.reduce((most, point) => (of(point) > of(most) ? point : most))
}

function verdictOf(
  points: readonly Point[],
  { added, missed, told }: { added: Difference; missed: Between; told: Between },
): [shown: Between, verdict: string] {
  const means = points.map(({ values }) => mean(values))
  const isInOrder = points.every(({ at }, index) => index === 0 || at > (points[index - 1]?.at ?? Infinity))
  if (!isInOrder || !means.every(Number.isFinite)) return [told, 'not measured']
  const isLeast = (means.at(-1) ?? 0) <= Math.min(...means) * (1 + added.chance / 100)
  if (added.percent < -added.chance && isLeast) return [missed, 'falls']
  if (missed.below.percent > missed.below.chance) return [missed, 'MISSED']
  const share = squareShare(told)
  if (share < 1) return [told, `reached, at most ${upwards(share * 100)} % of it a square`]
  if (added.percent > added.chance) return [told, 'not told: too little grows']
  return [told, `not seen to grow, at most ${upwards(added.percent + added.chance)} %`]
}

/** What is a limit may be said too high, and not too low. */
function upwards(percent: number): string {
  return (Math.ceil(Math.max(0, percent) * 10) / 10).toFixed(1)
}
