/** What sidecars at rest hold and take, measured all at once: in one minute a machine is faster than in another. */
import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type GrowthSidecar, type GrowthSize, type PreparedSidecar, prepareSidecar } from './growth-sidecar.ts'
import { memoryOf, threadSecondsOf } from './process-figures.ts'
import { createScraper, latencies, scrapeSteadily, type SteadyScrapes } from './scraper.ts'
import { mean, median, sum } from './statistics.ts'

export interface GrowthFigures {
  size: GrowthSize
  connected: number
  /** When it was measured, in seconds since its start: more than asked for where others started after it, or peers came late. */
  ageSeconds: number
  /** PSS in MiB, mean of a sample each 10 s: the metrics plane, and all swarms together. */
  memoryMiB: Planes
  /** CPU milliseconds a second of the same. */
  cpuMs: Planes
  bytes: number
  /** Scrapes that failed, which count as the longest. */
  failures: number
  p50Ms: number
  longestMs: number
  loadAverage: number
}

type Planes = [metrics: number, swarms: number]

export interface GrowthOptions {
  main: string
  /** A binary of its own for each sidecar: what two share would be counted in part. */
  nodes: readonly string[]
  /** When they are measured, in seconds since the last one's start: V8 compiles for minutes, and a heap grows with the scrapes. */
  ageSeconds: number
  seconds: number
}

const INTERVAL_MS = 1000
/** To read it goes through all pages, and leaves the caches cold. */
const MEMORY_INTERVAL_SECONDS = 10

export async function measureTogether(
  sizes: readonly GrowthSize[],
  { main, nodes, ageSeconds, seconds }: GrowthOptions,
): Promise<GrowthFigures[]> {
  await using all = new AsyncDisposableStack()
  const prepared: PreparedSidecar[] = []
  for (const [at, size] of sizes.entries()) {
    prepared.push(all.use(await prepareSidecar(size, { main, node: nodes[at] ?? '' })))
  }
  const sidecars: GrowthSidecar[] = []
  for (const each of prepared) sidecars.push(await each.start())
  await Promise.all(sidecars.map((sidecar) => sidecar.join()))
  const ages = () => sidecars.map(({ command }) => (performance.now() - command.spawnedAt) / 1000)
  await scrapedWhile(sidecars, () => delay(Math.max(0, ageSeconds - Math.min(...ages())) * 1000))
  const measuredAt = ages()
  // When each scraper has begun, and between two scrapes.
  const fromMs = INTERVAL_MS + stepMs(sidecars) / 2
  const { done, scrapes } = await scrapedWhile(sidecars, () =>
    Promise.all(sidecars.map(({ command }) => costsOf(command.pids(), { fromMs, seconds }))),
  )
  return await Promise.all(
    sidecars.map(async ({ size, connected }, at) => ({
      size,
      connected: await connected(),
      ageSeconds: measuredAt[at] ?? Number.NaN,
      ...(done[at] ?? { cpuMs: planes([]), memoryMiB: planes([]) }),
      ...scrapeFigures(scrapes[at] ?? []),
      loadAverage: loadavg()[0] ?? Number.NaN,
    })),
  )
}

async function costsOf(
  pids: readonly number[],
  { fromMs, seconds }: { fromMs: number; seconds: number },
): Promise<{ cpuMs: Planes; memoryMiB: Planes }> {
  await delay(fromMs)
  const before = pids.map(threadSecondsOf)
  const samples: number[][] = pids.map(() => [])
  const startedAt = performance.now()
  for (let passed = 0; passed < seconds;) {
    passed = Math.min(seconds, passed + MEMORY_INTERVAL_SECONDS)
    await delay(Math.max(0, startedAt + passed * 1000 - performance.now()))
    pids.forEach((pid, at) => samples[at]?.push(memoryOf(pid).pss))
  }
  const elapsedMs = performance.now() - startedAt
  const cpu = pids.map((pid, at) => ((threadSecondsOf(pid) - (before[at] ?? 0)) * 1e6) / elapsedMs)
  return { cpuMs: planes(cpu), memoryMiB: planes(samples.map(mean)) }
}

function planes([metrics = Number.NaN, ...swarms]: readonly number[]): Planes {
  return [metrics, sum(swarms)]
}

function scrapeFigures(results: readonly SteadyScrapes[]) {
  const times = results.flatMap(latencies)
  return {
    bytes: median(results.flatMap(({ scrapes }) => scrapes.map(({ body }) => body.length))),
    failures: sum(results.map(({ failures }) => failures)),
    p50Ms: median(times),
    longestMs: Math.max(...times),
  }
}

/** From the scrape of one sidecar to that of another. */
function stepMs(sidecars: readonly GrowthSidecar[]): number {
  return INTERVAL_MS / sidecars.length / Math.max(...sidecars.map(({ size }) => size.scrapers))
}

/**
 * Each scraper scrapes once a second, and none begins together with another: two of one sidecar would share an answer, and two of different ones
 * the machine.
 */
async function scrapedWhile<T>(sidecars: readonly GrowthSidecar[], run: () => Promise<T>) {
  const stopped = new AbortController()
  const { signal } = stopped
  const step = stepMs(sidecars)
  const scraping = sidecars.map(({ command, size: { scrapers } }, sidecar) =>
    Promise.all(
      Array.from({ length: scrapers }, async (_, at) => {
        using scraper = createScraper(command.url)
        // A step further than to the next scrape of whoever has most: nobody's follow at once on another's.
        await delay(((at / scrapers) * INTERVAL_MS + sidecar * (sidecars.length + 1) * step) % INTERVAL_MS)
        return await scrapeSteadily(scraper, { intervalMs: INTERVAL_MS, signal })
      }),
    ),
  )
  let done: T
  try {
    done = await run()
  } finally {
    stopped.abort()
  }
  return { done, scrapes: await Promise.all(scraping) }
}
