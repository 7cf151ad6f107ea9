/** How memory, CPU and the scrape grow with what a sidecar is given: one thing at a time, the others at their least. */
import { compiledMain } from './support/compiled-package.ts'
import { type GrowthFigures, type GrowthSize, growthStep } from './support/growth-step.ts'
import { isQuick } from './support/flags.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { figure, printTable } from './support/table.ts'

const LEAST: GrowthSize = { peers: 4, topics: 1, names: 0, networks: 1, scrapers: 1 }
const CURVES: Readonly<Record<keyof GrowthSize, readonly number[]>> = isQuick
  ? { peers: [4, 100, 300, 500], topics: [1, 64], names: [0, 1000, 2000], networks: [1, 3], scrapers: [1, 16] }
  : {
      peers: [4, 50, 150, 300, 500],
      topics: [1, 4, 16, 64],
      names: [0, 100, 250, 500, 1000, 2000],
      networks: [1, 2, 3],
      scrapers: [1, 2, 4, 8, 16],
    }
const SETTLE_SECONDS = isQuick ? 8 : 30
const SECONDS = isQuick ? 8 : 30

/** What each unit more has cost since the step before: where this rises from row to row, growth is more than linear. */
function perUnit(now: GrowthFigures, before: GrowthFigures | undefined, what: keyof GrowthSize) {
  const units = (figures: GrowthFigures) => (what === 'peers' ? figures.connected : figures.size[what])
  const difference = (of: (figures: GrowthFigures) => number) =>
    before && units(now) > units(before) ? (of(now) - of(before)) / (units(now) - units(before)) : undefined
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
  return {
    'KiB each more': figure(difference(({ memoryMiB }) => total(memoryMiB) * 1024)),
    'CPU us/s each more': figure(difference(({ cpuMs }) => total(cpuMs) * 1000)),
    'bytes each more': figure(difference(({ bytes }) => bytes)),
  }
}

function row(what: keyof GrowthSize, now: GrowthFigures, before: GrowthFigures | undefined) {
  const planes = (values: readonly number[], decimals: number) =>
    values.map((value) => figure(value, decimals)).join(' + ')
  return {
    what,
    number: figure(now.size[what]),
    connected: figure(now.connected),
    'PSS MiB': planes(now.memoryMiB, 0),
    'CPU ms/s': planes(now.cpuMs, 1),
    'scrape bytes': figure(now.bytes),
    failed: figure(now.failures),
    'p50 ms': figure(now.p50Ms, 1),
    'p99 ms': figure(now.p99Ms, 1),
    ...perUnit(now, before, what),
    'load average': figure(now.loadAverage, 1),
  }
}

using node = ownNode()
const options = { main: compiledMain(), node: node.path, settleSeconds: SETTLE_SECONDS, seconds: SECONDS }
const curves: { what: keyof GrowthSize; steps: GrowthFigures[] }[] = []
for (const what of Object.keys(CURVES) as (keyof GrowthSize)[]) {
  const steps: GrowthFigures[] = []
  for (const number of CURVES[what]) {
    const figures = await growthStep({ ...LEAST, [what]: number }, options)
    console.error(`${what} ${number}: ${JSON.stringify(figures)}`)
    steps.push(figures)
  }
  curves.push({ what, steps })
}
printTable(
  `Growth: 4 peers, 1 topic, no names, 1 network and 1 scraper a second but for what is named; metrics plane + swarms`,
  curves.flatMap(({ what, steps }) => steps.map((step, at) => row(what, step, steps[at - 1]))),
)
writeResults('growth', { quick: isQuick, curves })
