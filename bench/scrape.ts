/** What a scrape costs: leanmesh beside the exporters that one would use otherwise. */
import { CONTESTANTS, type Contestant } from './support/exporters.ts'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { createScraper } from './support/scraper.ts'
import { median, percentile } from './support/statistics.ts'
import { startSubject, type Subject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'
import type { ScrapeAnswer, ScrapeRequest } from './scrape-subject.ts'

const SERIES = [1, 100, 1000]
const ROUNDS = isQuick ? 5 : 15
const SCRAPES_A_ROUND = isQuick ? 40 : 80
/** Rounds whose figures are thrown away: the compiler is still at work. */
const WARM_UP_ROUNDS = 3

interface Way {
  label: string
  contestant: Contestant
  headers?: Readonly<Record<string, string>>
}

const LABELS: Readonly<Record<Contestant, string>> = {
  leanmesh: 'leanmesh, the gauge alone',
  'leanmesh-whole': 'leanmesh, whole catalogue',
  opentelemetry: 'stock PrometheusExporter 0.301',
  'prom-client': 'prom-client 15.1',
  'prometheus-io': '@prometheus-io/client 0.16',
}

const WAYS: readonly Way[] = [
  ...CONTESTANTS.map((contestant) => ({ label: LABELS[contestant], contestant })),
  { label: 'leanmesh, whole catalogue, gzip', contestant: 'leanmesh-whole', headers: { 'Accept-Encoding': 'gzip' } },
]

interface Measured {
  way: Way
  subject: Subject
  bytes: number
  latencies: number[]
  /** CPU milliseconds per scrape, one figure a round. */
  overHttp: number[]
  inProcess: number[]
}

async function round(measured: Measured): Promise<void> {
  const { subject, way, latencies, overHttp, inProcess } = measured
  using scraper = createScraper(subject.url, way.headers)
  const before = await ask(subject, { do: 'cpu' })
  for (let index = 0; index < SCRAPES_A_ROUND; index++) latencies.push((await scraper.scrape()).milliseconds)
  const after = await ask(subject, { do: 'cpu' })
  overHttp.push((after.cpu - before.cpu) / SCRAPES_A_ROUND)
  const { collect, bytes } = await ask(subject, { do: 'collect', count: SCRAPES_A_ROUND })
  inProcess.push(collect ?? 0)
  measured.bytes = bytes ?? 0
}

async function ask(subject: Subject, request: ScrapeRequest): Promise<ScrapeAnswer> {
  return await subject.ask<ScrapeAnswer>(request)
}

/** All at the same time and in turns, each round in another order: whatever else this machine does hits all alike. */
async function compare(series: number): Promise<Summary[]> {
  await using subjects = new AsyncDisposableStack()
  const all: Measured[] = []
  for (const way of WAYS) {
    const subject = subjects.use(
      await startSubject({ entry: 'scrape-subject.ts', args: [way.contestant, String(series)] }),
    )
    all.push({ way, subject, bytes: 0, latencies: [], overHttp: [], inProcess: [] })
  }
  for (let index = -WARM_UP_ROUNDS; index < ROUNDS; index++) {
    if (index === 0) for (const measured of all) forget(measured)
    const first = (index + WARM_UP_ROUNDS) % all.length
    for (const measured of [...all.slice(first), ...all.slice(0, first)]) await round(measured)
  }
  return all.map((measured) => summary(series, measured))
}

function forget({ latencies, overHttp, inProcess }: Measured): void {
  for (const list of [latencies, overHttp, inProcess]) list.length = 0
}

function summary(series: number, { way, bytes, latencies, overHttp, inProcess }: Measured) {
  return {
    series,
    exporter: way.label,
    bytes,
    cpuMs: median(overHttp),
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    inProcessCpuMs: median(inProcess),
    scrapes: latencies.length,
  }
}

type Summary = ReturnType<typeof summary>

function row({ series, exporter, bytes, cpuMs, p50Ms, p99Ms, inProcessCpuMs }: Summary) {
  return {
    series: figure(series),
    exporter,
    bytes: figure(bytes),
    'CPU ms/scrape': figure(cpuMs, 2),
    'p50 ms': figure(p50Ms, 2),
    'p99 ms': figure(p99Ms, 2),
    'CPU ms in process': figure(inProcessCpuMs, 3),
  }
}

const results: Summary[] = []
for (const series of SERIES) results.push(...(await compare(series)))
printTable(`${ROUNDS} rounds of ${SCRAPES_A_ROUND} scrapes, in turns; medians of the rounds' CPU`, results.map(row))
writeResults('scrape', { quick: isQuick, scrapes: results })
