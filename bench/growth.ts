/** How memory, CPU and the scrape grow with what a sidecar is given: one thing at a time, the others at their least. */
import { compiledMain } from './support/compiled-package.ts'
import { type GrowthFigures, type GrowthSize, growthStep } from './support/growth-step.ts'
import { isQuick } from './support/flags.ts'
import { type Difference, growthOf, relativeSpread } from './support/linearity.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { mean, median, sum } from './support/statistics.ts'
import { figure, printTable } from './support/table.ts'

const LEAST: GrowthSize = { inbound: 4, dialled: 0, topics: 1, names: 0, networks: 1, scrapers: 1 }

interface Curve {
  what: string
  /** In their order, beyond the least. */
  sizes: readonly Partial<GrowthSize>[]
  unit: (figures: GrowthFigures) => number
}

const connected = (figures: GrowthFigures) => figures.connected
const of = (what: keyof GrowthSize, numbers: readonly number[]): Curve => {
  return { what, sizes: numbers.map((number) => ({ [what]: number })), unit: ({ size }) => size[what] }
}
/** A network lets 300 in; three of five dial the sidecar, so that 500 are as many of either kind as may be. */
const mixed = (peers: number): Partial<GrowthSize> => ({ inbound: peers * 0.6, dialled: peers * 0.4 })
const CURVES: readonly Curve[] = [
  { what: 'peers', sizes: [100, 250, 500].map(mixed), unit: connected },
  { ...of('inbound', [150, 300]), unit: connected },
  { ...of('dialled', [100, 200]), unit: connected },
  of('topics', [16, 64]),
  of('names', [1000, 2000]),
  of('networks', [2, 3]),
  of('scrapers', [4, 16]),
]
const ROUNDS = 2
/** The least is measured so many times a round, for every curve begins with it. */
const LEAST_A_ROUND = 3
const [AGE_SECONDS, SECONDS] = isQuick ? [20, 5] : [30, 30]

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
    const points = [least, ...steps].map((step) => ({ at: median(step.map(unit)), values: step.map(measure) }))
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

using node = ownNode()
const options = { main: compiledMain(), node: node.path, ageSeconds: AGE_SECONDS, seconds: SECONDS }
const least: Step = []
const curves = CURVES.map((curve) => ({ curve, steps: curve.sizes.map((): Step => []) }))

async function measureInto(step: Step, size: Partial<GrowthSize>): Promise<void> {
  const figures = await growthStep({ ...LEAST, ...size }, options)
  console.error(JSON.stringify(figures))
  step.push(figures)
}

const leastEach = Math.ceil(curves.length / LEAST_A_ROUND)
/** One round. The least is here and there among the others, for what differs from one minute to the next. */
const tasks = curves.flatMap(({ curve, steps }, at) => [
  ...(at % leastEach === 0 ? [{ step: least, size: {} }] : []),
  ...steps.map((step, index) => ({ step, size: curve.sizes[index] ?? {} })),
])
for (let round = 0; round < ROUNDS; round++) {
  // Each other time the other way round: what drifts meanwhile is no growth.
  for (const { step, size } of round % 2 === 0 ? tasks : tasks.toReversed()) {
    await measureInto(step, size)
    // Each time: what was measured is not lost with the next.
    const results = curves.map((measured) => ({ what: measured.curve.what, steps: measured.steps }))
    writeResults('growth', { quick: isQuick, least, curves: results })
  }
}
printTable(
  'Growth: 4 peers, 1 topic, no names, 1 network and 1 scraper a second but for what is named; metrics plane + swarms, means',
  [stepRow({ what: 'least', sizes: [], unit: connected }, least)].concat(
    curves.flatMap(({ curve, steps }) => steps.map((step) => stepRow(curve, step))),
  ),
)
const allSteps = [least, ...curves.flatMap(({ steps }) => steps)]
const measures = MEASURES.map((measure) => {
  return { ...measure, spread: relativeSpread(allSteps.map((step) => step.map(measure.of))) }
})
printTable(
  'What one more costs, and how far a size between lies below the line from the least to the largest, and where a square of the size would lie: ± what may be chance',
  curves.flatMap(({ curve, steps }) => verdictRows(curve, steps, measures)),
)
