/** How memory, CPU and the scrape grow with what a sidecar is given: one thing at a time, the others at their least. */
import { compiledMain } from './support/compiled-package.ts'
import { type GrowthFigures, type GrowthSize, growthStep } from './support/growth-step.ts'
import { isQuick } from './support/flags.ts'
import { chancePercent, growthOf, growthVerdict, type Point } from './support/linearity.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { median, sum } from './support/statistics.ts'
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
/** The least is measured so many times a round: what equal measurements differ by is known then. */
const LEAST_A_ROUND = 3
const [AGE_SECONDS, SECONDS] = isQuick ? [20, 5] : [30, 45]

/** What must not grow faster than in a line. */
const MEASURES: readonly { name: string; of: (figures: GrowthFigures) => number }[] = [
  { name: 'PSS KiB', of: ({ memoryMiB }) => sum(memoryMiB) * 1024 },
  { name: 'CPU us/s', of: ({ cpuMs }) => sum(cpuMs) * 1000 },
  { name: 'scrape bytes', of: ({ bytes }) => bytes },
  { name: 'scrape p50 us', of: ({ p50Ms }) => p50Ms * 1000 },
]

/** One size, and what it was each time. */
type Step = GrowthFigures[]

function stepRow({ what, unit }: Curve, step: Step) {
  const each = (of: (figures: GrowthFigures) => readonly number[], decimals: number) =>
    step.map((figures) => printed(of(figures), decimals).join(' + ')).join(', ')
  return {
    what,
    number: printed([...new Set(step.map(unit))], 0).join(', '),
    'age s': each(({ ageSeconds }) => [ageSeconds], 0),
    'PSS MiB': each(({ memoryMiB }) => memoryMiB, 0),
    'CPU ms/s': each(({ cpuMs }) => cpuMs, 1),
    'scrape bytes': figure(median(step.map(({ bytes }) => bytes))),
    failed: figure(sum(step.map(({ failures }) => failures))),
    'p50 ms': each(({ p50Ms }) => [p50Ms], 1),
    'longest ms': each(({ longestMs }) => [longestMs], 1),
    'load average': each(({ loadAverage }) => [loadAverage], 1),
  }
}

function printed(values: readonly number[], decimals: number): string[] {
  return values.map((value) => figure(value, decimals))
}

function verdictRows({ what, unit }: Curve, steps: readonly Step[], least: Step) {
  return MEASURES.map(({ name, of: measure }) => {
    const points = [least, ...steps].map((step): Point => ({ at: median(step.map(unit)), values: step.map(measure) }))
    const growth = growthOf(points)
    const chance = chancePercent(least.map(measure), ROUNDS)
    return {
      what,
      of: name,
      'each more': figure(growth.perUnit),
      'in all %': figure(growth.allPercent, 1),
      'below the line %': figure(growth.belowPercent, 1),
      'by chance %': figure(chance, 1),
      'a square %': figure(growth.squarePercent, 1),
      'at worst linear': growthVerdict(growth, chance),
    }
  })
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

for (let round = 0; round < ROUNDS; round++) {
  for (const [at, { curve, steps }] of curves.entries()) {
    // Here and there among the others, for what differs from one minute to the next.
    if (at % Math.ceil(curves.length / LEAST_A_ROUND) === 0) await measureInto(least, {})
    for (const [index, step] of steps.entries()) await measureInto(step, curve.sizes[index] ?? {})
    // Each time: what was measured is not lost with the next.
    const results = curves.map((measured) => ({ what: measured.curve.what, steps: measured.steps }))
    writeResults('growth', { quick: isQuick, least, curves: results })
  }
}
printTable(
  `Growth: 4 peers, 1 topic, no names, 1 network and 1 scraper a second but for what is named; metrics plane + swarms, each time`,
  [stepRow({ what: 'least', sizes: [], unit: connected }, least)].concat(
    curves.flatMap(({ curve, steps }) => steps.map((step) => stepRow(curve, step))),
  ),
)
printTable(
  'What one more costs, and how far a size between lies below the line from the least to the largest',
  curves.flatMap(({ curve, steps }) => verdictRows(curve, steps, least)),
)
