/** How memory, CPU and the scrape grow with what a sidecar is given: one thing at a time, the others at their least. */
import { compiledMain } from './support/compiled-package.ts'
import { type GrowthFigures, type GrowthSize, growthStep } from './support/growth-step.ts'
import { isQuick } from './support/flags.ts'
import { growthOf, type Point, spreadPercent } from './support/linearity.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { median, sum } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const LEAST: GrowthSize = { inbound: 4, dialled: 0, topics: 1, names: 0, networks: 1, scrapers: 1 }

interface Curve {
  what: keyof GrowthSize
  /** Where the others are not at their least. */
  beside?: Partial<GrowthSize>
  numbers: readonly number[]
  /** What a unit is, where it is not one of the numbers. */
  unit?: (figures: GrowthFigures) => number
}

const connected = (figures: GrowthFigures) => figures.connected
/** From 4 to as many peers as a network lets in, and on to 500 that the settings name. */
const CURVES: readonly Curve[] = [
  { what: 'inbound', numbers: isQuick ? [4, 100, 300] : [4, 50, 150, 300], unit: connected },
  { what: 'dialled', beside: { inbound: 300 }, numbers: isQuick ? [0, 100, 200] : [0, 50, 100, 200], unit: connected },
  { what: 'topics', numbers: isQuick ? [1, 16, 64] : [1, 4, 16, 64] },
  { what: 'names', numbers: isQuick ? [0, 1000, 2000] : [0, 250, 500, 1000, 2000] },
  { what: 'networks', numbers: [1, 2, 3] },
  { what: 'scrapers', numbers: isQuick ? [1, 4, 16] : [1, 2, 4, 8, 16] },
]
/** Each size is measured so many times, a round of all after the other: what equal measurements differ by is known then. */
const ROUNDS = 2
const SETTLE_SECONDS = isQuick ? 5 : 12
const SECONDS = isQuick ? 5 : 18

/** What must not grow faster than in a line. */
const MEASURES: readonly { name: string; of: (figures: GrowthFigures) => number }[] = [
  { name: 'PSS KiB', of: ({ memoryMiB }) => sum(memoryMiB) * 1024 },
  { name: 'CPU us/s', of: ({ cpuMs }) => sum(cpuMs) * 1000 },
  { name: 'scrape bytes', of: ({ bytes }) => bytes },
  { name: 'scrape p50 us', of: ({ p50Ms }) => p50Ms * 1000 },
]

interface Step {
  number: number
  /** One of each round. */
  rounds: GrowthFigures[]
}

interface MeasuredCurve {
  curve: Curve
  steps: Step[]
}

const each = (values: readonly number[], decimals = 0) => values.map((value) => figure(value, decimals)).join(', ')

function stepRow({ what }: Curve, { number, rounds }: Step) {
  const planes = (of: (figures: GrowthFigures) => readonly number[], decimals: number) =>
    rounds
      .map((figures) =>
        of(figures)
          .map((value) => figure(value, decimals))
          .join(' + '),
      )
      .join(', ')
  return {
    what,
    number: figure(number),
    connected: each(rounds.map(connected)),
    'PSS MiB': planes(({ memoryMiB }) => memoryMiB, 0),
    'CPU ms/s': planes(({ cpuMs }) => cpuMs, 1),
    'scrape bytes': figure(median(rounds.map(({ bytes }) => bytes))),
    failed: figure(sum(rounds.map(({ failures }) => failures))),
    'p50 ms': each(
      rounds.map(({ p50Ms }) => p50Ms),
      1,
    ),
    'p99 ms': each(
      rounds.map(({ p99Ms }) => p99Ms),
      1,
    ),
    'load average': each(
      rounds.map(({ loadAverage }) => loadAverage),
      1,
    ),
  }
}

type OfMeasure = (typeof MEASURES)[number]['of']

function pointsOf({ curve: { unit }, steps }: MeasuredCurve, of: OfMeasure): Point[] {
  return steps.map(({ number, rounds }) => ({ at: unit ? median(rounds.map(unit)) : number, values: rounds.map(of) }))
}

function verdictRows(measured: MeasuredCurve, all: readonly MeasuredCurve[]) {
  return MEASURES.map(({ name, of }) => {
    const { perUnit, abovePercent, surelyAbovePercent } = growthOf(pointsOf(measured, of))
    const differ = spreadPercent(all.flatMap((each) => pointsOf(each, of)))
    return {
      what: measured.curve.what,
      of: name,
      'each more': figure(perUnit),
      'last above the line %': figure(abovePercent, 1),
      'whatever the round %': figure(surelyAbovePercent, 1),
      'rounds differ by up to %': figure(differ, 1),
      'at worst linear': verdict(surelyAbovePercent, differ),
    }
  })
}

using node = ownNode()
const options = { main: compiledMain(), node: node.path, settleSeconds: SETTLE_SECONDS, seconds: SECONDS }
const curves = CURVES.map((curve): MeasuredCurve => {
  return { curve, steps: curve.numbers.map((number) => ({ number, rounds: [] })) }
})
for (let round = 0; round < ROUNDS; round++) {
  for (const { curve, steps } of curves) {
    for (const { number, rounds } of steps) {
      const figures = await growthStep({ ...LEAST, ...curve.beside, [curve.what]: number }, options)
      console.error(`${curve.what} ${number}: ${JSON.stringify(figures)}`)
      rounds.push(figures)
    }
  }
}
printTable(
  `Growth: 4 peers, 1 topic, no names, 1 network and 1 scraper a second but for what is named; metrics plane + swarms; both rounds`,
  curves.flatMap(({ curve, steps }) => steps.map((step) => stepRow(curve, step))),
)
printTable(
  'What one more costs, and whether the last step lies above a line from the first through one between',
  curves.flatMap((curve) => verdictRows(curve, curves)),
)
writeResults('growth', { quick: isQuick, curves: curves.map(({ curve, steps }) => ({ what: curve.what, steps })) })
