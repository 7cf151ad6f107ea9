/** How memory, CPU and the scrape grow with what a sidecar is given: one thing at a time, the others at their least. */
import { compiledMain } from './support/compiled-package.ts'
import { isQuick, onlyCurves } from './support/flags.ts'
import type { GrowthSize } from './support/growth-sidecar.ts'
import { type GrowthFigures, measureTogether } from './support/growth-step.ts'
import { type Difference, growthOf, relativeSpread } from './support/linearity.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { mean, median, sum } from './support/statistics.ts'
import { figure, printTable } from './support/table.ts'

const [ROUNDS, AGE_SECONDS, SECONDS] = isQuick ? [2, 20, 5] : [3, 60, 60]
const LEAST: GrowthSize = { inbound: 4, dialled: 0, topics: 1, names: 0, networks: 1, scrapers: 1 }

interface Curve {
  what: string
  /** In their order, the least first. */
  sizes: readonly GrowthSize[]
  unit: (figures: GrowthFigures) => number
  rounds: number
}

const connected = (figures: GrowthFigures) => figures.connected
const of = (what: keyof GrowthSize, numbers: readonly number[]): Curve => {
  const sizes = sizesFrom(numbers, (number) => ({ [what]: number }))
  return { what, sizes, unit: ({ size }) => size[what], rounds: ROUNDS }
}
function sizesFrom(numbers: readonly number[], more: (number: number) => Partial<GrowthSize>): GrowthSize[] {
  return [LEAST, ...numbers.map((number) => ({ ...LEAST, ...more(number) }))]
}
/** A network lets 300 in; three of five dial the sidecar, so that 500 are as many of either kind as may be. */
const mixed = (peers: number) => ({ inbound: peers * 0.6, dialled: peers * 0.4 })
const ALL_CURVES: readonly Curve[] = [
  { what: 'peers', sizes: sizesFrom([100, 250, 500], mixed), unit: connected, rounds: ROUNDS },
  { ...of('inbound', [150, 300]), unit: connected },
  { ...of('dialled', [100, 200]), unit: connected },
  of('topics', [16, 64]),
  of('names', [1000, 2000]),
  // Of these little grows, and a square is nearer to a line.
  { ...of('networks', [2, 3]), rounds: 2 * ROUNDS },
  { ...of('scrapers', [4, 16]), rounds: 2 * ROUNDS },
]
const unknown = onlyCurves.filter((only) => ALL_CURVES.every(({ what }) => what !== only))
if (unknown.length > 0) {
  throw new Error(`--curve ${unknown.join()}: is none of ${ALL_CURVES.map(({ what }) => what).join(', ')}`)
}
const CURVES = ALL_CURVES.filter(({ what }) => onlyCurves.length === 0 || onlyCurves.includes(what))
const NAME = ['growth', ...onlyCurves].join('-')
const MOST_AT_ONCE = Math.max(...CURVES.map(({ sizes }) => sizes.length))

interface Measure {
  name: string
  of: (figures: GrowthFigures) => number
}

/** What must not grow faster than in a line. */
const MEASURES: readonly Measure[] = [
  { name: 'PSS KiB', of: ({ memoryMiB }) => sum(memoryMiB) * 1024 },
  { name: 'CPU us/s', of: ({ cpuMs }) => sum(cpuMs) * 1000 },
  { name: 'scrape bytes', of: ({ bytes }) => bytes },
  { name: 'scrape p50 us', of: ({ p50Ms }) => p50Ms * 1000 },
]

/** One size, and what it was each time. */
type Step = GrowthFigures[]

function stepRow({ what, unit }: Curve, step: Step) {
  const means = (of: (figures: GrowthFigures) => readonly number[], decimals: number) =>
    [0, 1].map((plane) => figure(mean(step.map((figures) => of(figures)[plane] ?? Number.NaN)), decimals)).join(' + ')
  const highest = (of: (figures: GrowthFigures) => number, decimals = 0) => figure(Math.max(...step.map(of)), decimals)
  return {
    what,
    number: [...new Set(step.map(unit))].join(', '),
    'age s': highest(({ ageSeconds }) => ageSeconds),
    'PSS MiB': means(({ memoryMiB }) => memoryMiB, 0),
    'CPU ms/s': means(({ cpuMs }) => cpuMs, 1),
    'scrape bytes': figure(median(step.map(({ bytes }) => bytes))),
    failed: figure(sum(step.map(({ failures }) => failures))),
    'scrape p50 ms': figure(mean(step.map(({ p50Ms }) => p50Ms)), 1),
    'longest ms': highest(({ longestMs }) => longestMs, 1),
    'load average': highest(({ loadAverage }) => loadAverage, 1),
  }
}

function verdictRows(
  { what, unit }: Curve,
  steps: readonly Step[],
  measures: readonly (Measure & { spread: number })[],
) {
  return measures.map(({ name, of: measure, spread }) => {
    const points = steps.map((step) => ({ at: median(step.map(unit)), values: step.map(measure) }))
    const { perUnit, added, shown, verdict } = growthOf(points, spread)
    return {
      what,
      of: name,
      'each more': figure(perUnit, Math.abs(perUnit) < 10 ? 1 : 0),
      'added, % of least': withChance(added),
      at: figure(shown.at),
      'below the line, %': withChance(shown.below),
      'a square, %': figure(shown.squarePercent, 1),
      'at worst linear': verdict,
    }
  })
}

/** A figure of the table, and what it may differ from the truth by. */
function withChance({ percent, chance }: Difference): string {
  return `${figure(percent, 1)} ± ${figure(chance, 1)}`
}

using copies = new DisposableStack()
const nodes = Array.from({ length: MOST_AT_ONCE }, () => copies.use(ownNode()).path)
const options = { main: compiledMain(), nodes, ageSeconds: AGE_SECONDS, seconds: SECONDS }
const curves = CURVES.map((curve) => ({ curve, steps: curve.sizes.map((): Step => []) }))
const mostRounds = Math.max(...CURVES.map(({ rounds }) => rounds))
for (let round = 0; round < mostRounds; round++) {
  for (const { curve, steps } of curves.filter((measured) => round < measured.curve.rounds)) {
    // Each other time the other way round: who starts first is no larger.
    const turned = <T>(list: readonly T[]) => (round % 2 === 0 ? list : list.toReversed())
    const measured = turned(await measureTogether(turned(curve.sizes), options))
    measured.forEach((figures, at) => steps[at]?.push(figures))
    console.error(`${curve.what}: ${JSON.stringify(measured)}`)
  }
  // What was measured in a round is not lost with the next.
  writeResults(NAME, { quick: isQuick, curves: curves.map(({ curve, steps }) => ({ what: curve.what, steps })) })
}
printTable(
  'Growth: 4 peers, 1 topic, no names, 1 network and 1 scraper a second but for what is named; metrics plane + swarms, means',
  curves.flatMap(({ curve, steps }) => steps.map((step) => stepRow(curve, step))),
)
const measures = MEASURES.map((measure) => {
  return { ...measure, spread: relativeSpread(curves.map(({ steps }) => steps.map((step) => step.map(measure.of)))) }
})
printTable(
  'What one more costs, and how far a size between lies below the line from the least to the largest, and where a square of the size would lie: ± what may be chance',
  curves.flatMap(({ curve, steps }) => verdictRows(curve, steps, measures)),
)
