/** What sidecars cost those who gather their metrics, by their number: series, bytes, CPU and memory. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { blockSize, type BlockSize } from './support/block-size.ts'
import { isQuick } from './support/flags.ts'
import { record, scrapeOf, type Shape } from './support/recorded-sidecar.ts'
import { writeResults } from './support/results.ts'
import { measureStep, PATHS, type Path, type StepFigures } from './support/scale-step.ts'
import { startFleet } from './support/simulated-fleet.ts'
import { simulate } from './support/simulated-sidecar.ts'
import { figure, printTable } from './support/table.ts'

const SIZES = isQuick ? [1, 100] : [1, 100, 300, 1000]
const INTERVAL_MS = isQuick ? 5000 : 15_000
const WINDOW_MS = 2 * INTERVAL_MS
/** Many samples in little time: what Prometheus holds of each series grows with them. */
const DENSE = { size: 50, intervalMs: 1000, windowMs: isQuick ? 10_000 : 180_000 }
const RECORDED_SECONDS = isQuick ? 5 : 20
const SIDECARS_IN_BLOCK = isQuick ? 1 : 10
/** The one that is simulated. Its names are a hundred with the four of the network that it is recorded in. */
const SIMULATED: Shape = { names: 96, subnets: 1, networks: 1 }
const SHAPES: readonly Shape[] = [
  { names: 0, subnets: 1, networks: 1 },
  { names: 10, subnets: 1, networks: 1 },
  { names: 100, subnets: 1, networks: 1 },
  { names: 1000, subnets: 1, networks: 1 },
  { names: 0, subnets: 8, networks: 1 },
  { names: 0, subnets: 1, networks: 2 },
  { names: 100, subnets: 1, networks: 3 },
]

async function sizeOf(exposition: string) {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { series: lines.length, bytes: exposition.length, gzipBytes: await gzipBytes(exposition) }
}

/** At the level of the sidecar's /metrics. */
async function gzipBytes(content: string | Buffer): Promise<number> {
  return (await promisify(gzip)(content, { level: 4 })).byteLength
}

type Size = Awaited<ReturnType<typeof sizeOf>>

function shapeRow({ names, subnets, networks, series, bytes, gzipBytes }: Shape & Size) {
  return {
    names: figure(names),
    'topics a network': figure(subnets + 2),
    networks: figure(networks),
    series: figure(series),
    'bytes a scrape': figure(bytes),
    'with gzip': figure(gzipBytes),
  }
}

function stepRow({
  path,
  targets,
  series,
  samplesPerSecond,
  arrivedShare,
  prometheus,
  collector,
  ...rest
}: StepFigures) {
  const perSample = (cores = Number.NaN) => figure((cores / samplesPerSecond) * 1e6, 1)
  return {
    path,
    sidecars: figure(targets),
    series: figure(series),
    'samples/s': figure(samplesPerSecond),
    'arrived %': figure(100 * arrivedShare, 1),
    'Prometheus CPU ms/s': figure(prometheus.cores * 1000),
    'µs/sample': perSample(prometheus.cores),
    'RSS MiB': figure(prometheus.rssMiB),
    'collector CPU ms/s': figure(collector && collector.cores * 1000),
    'its µs/sample': perSample(collector?.cores),
    'its RSS MiB': figure(collector?.rssMiB),
    'scrape p99 ms': figure(rest.scrapeP99Ms, 1),
    failed: figure(rest.failed),
    'WAL B/sample': figure(rest.walBytesPerSample, 1),
  }
}

function blockRow({ series, samples, chunkBytes, indexBytes }: BlockSize) {
  return {
    series: figure(series),
    samples: figure(samples),
    'chunk bytes/sample': figure(chunkBytes / samples, 2),
    'index bytes/series': figure(indexBytes / series),
    'all bytes/sample': figure((chunkBytes + indexBytes) / samples, 2),
  }
}

/** What one sidecar more costs: the slope from the second smallest size on, where there are three or more. */
function slopeRow(path: Path, steps: readonly StepFigures[]) {
  const curve = steps.filter((step) => step.path === path)
  const [from, to] = [curve.at(SIZES.length > 2 ? 1 : 0), curve.at(-1)]
  if (from === undefined || to === undefined) throw new Error(`${path} was not measured`)
  const slope = (of: (step: StepFigures) => number | undefined, decimals: number) =>
    figure(((of(to) ?? Number.NaN) - (of(from) ?? Number.NaN)) / (to.targets - from.targets), decimals)
  return {
    path,
    sidecars: `${from.targets} to ${to.targets}`,
    'Prometheus CPU ms/s': slope(({ prometheus }) => prometheus.cores * 1000, 3),
    'RSS KiB': slope(({ prometheus }) => prometheus.rssMiB * 1024, 0),
    'collector CPU ms/s': slope(({ collector }) => collector && collector.cores * 1000, 3),
    'its RSS KiB': slope(({ collector }) => collector && collector.rssMiB * 1024, 0),
  }
}

const shapes: (Shape & Size)[] = []
for (const shape of SHAPES) shapes.push({ ...shape, ...(await sizeOf(await scrapeOf(shape))) })
printTable('One real scrape, by what makes series', shapes.map(shapeRow))

const recording = await record(SIMULATED, RECORDED_SECONDS)
const [exposition = '', push = Buffer.alloc(0)] = [recording.expositions[0], recording.pushes[0]]
const scraped = await sizeOf(exposition)
const pushed = { bytes: push.byteLength, gzipBytes: await gzipBytes(push) }
const simulation = simulate(recording)
console.log(`\nSimulated: ${scraped.series} series, ${scraped.bytes} bytes a scrape (gzip ${scraped.gzipBytes})`)
console.log(`and ${pushed.bytes} bytes a push (gzip ${pushed.gzipBytes})`)
const block = await blockSize(SIDECARS_IN_BLOCK, simulation)
printTable(`A block of two hours: ${SIDECARS_IN_BLOCK} sidecars at 15 s`, [blockRow(block)])

const steps: StepFigures[] = []
await using fleet = await startFleet(Math.max(...SIZES), simulation)
for (const path of PATHS) {
  for (const size of SIZES) {
    const targets = fleet.targets.slice(0, size)
    steps.push(await measureStep({ path, targets, simulation, intervalMs: INTERVAL_MS, windowMs: WINDOW_MS }))
  }
}
printTable(`${WINDOW_MS / 1000} s at an interval of ${INTERVAL_MS / 1000} s, once all had arrived`, steps.map(stepRow))
const slopes = PATHS.map((path) => slopeRow(path, steps))
printTable('What one sidecar more costs', slopes)

const dense = await measureStep({ path: PATHS[0], targets: fleet.targets.slice(0, DENSE.size), simulation, ...DENSE })
printTable(`${DENSE.windowMs / 1000} s at an interval of ${DENSE.intervalMs / 1000} s`, [stepRow(dense)])
writeResults('scale', { quick: isQuick, intervalMs: INTERVAL_MS, shapes, scraped, pushed, block, steps, slopes, dense })
