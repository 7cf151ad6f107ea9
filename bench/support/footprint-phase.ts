/** One load on one observer, and what it cost the observer. */
import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Load, Neighbourhood, Passed } from './neighbourhood.ts'
import type { Observer } from './observer.ts'
import { cpuSecondsOf, memoryOf } from './process-figures.ts'
import { latencies, scrapeSteadily, seriesValue, type SteadyScrapes } from './scraper.ts'
import { percentile } from './statistics.ts'

/** So many that there is a 99th percentile of them in a minute. */
const SCRAPE_INTERVAL_MS = 500
const MEMORY_INTERVAL_MS = 1000
/** The last so many samples say what the memory settled at. */
const SETTLED_SAMPLES = 10

/** Figures of several processes are in their order: metrics plane, then swarm plane. */
export interface CpuResult {
  /** Absent at rest. */
  passed?: Passed
  seconds: number
  cpuSeconds: number[]
  /** Only of the sidecar. */
  scrapes?: ScrapeFigures
}

export interface PhaseResult extends CpuResult {
  /** PSS in MiB. */
  peakMiB: number[]
  settledMiB: number[]
  loadAverage: number
}

export interface ScrapeFigures {
  count: number
  failures: number
  p50Ms: number
  p99Ms: number
  /** The highest that was told of a window that ended meanwhile; NaN where none did. */
  lagMs: number[]
}

/** What is done meanwhile: a flood, or so many seconds of rest. */
export type Work = { load: Load } | { restSeconds: number }

export async function measurePhase(hood: Neighbourhood, observer: Observer, work: Work): Promise<PhaseResult> {
  const stopped = new AbortController()
  const watching = watchMemory(observer.pids(), stopped.signal)
  // A process that ends meanwhile ends the bench, but where it is waited for.
  watching.catch(() => undefined)
  const costs = await measureCpu(hood, observer, work, SCRAPE_INTERVAL_MS)
  stopped.abort()
  return { ...costs, ...(await watching), loadAverage: loadavg()[0] ?? Number.NaN }
}

/** CPU without memory: to read how much a process holds goes through all its pages, and leaves the caches cold for it. */
export async function measureCpu(
  hood: Neighbourhood,
  observer: Observer,
  work: Work,
  scrapeIntervalMs: number,
): Promise<CpuResult> {
  const pids = observer.pids()
  const cpuBefore = pids.map(cpuSecondsOf)
  const startedAt = performance.now()
  const stopped = new AbortController()
  const { signal } = stopped
  const scraping = observer.scraper && scrapeSteadily(observer.scraper, { intervalMs: scrapeIntervalMs, signal })
  const passed = 'load' in work ? await hood.flood(work.load) : await delay(work.restSeconds * 1000)
  stopped.abort()
  const cpuSeconds = pids.map((pid, at) => cpuSecondsOf(pid) - (cpuBefore[at] ?? 0))
  const seconds = (performance.now() - startedAt) / 1000
  const scrapes = await scraping
  return { ...(passed && { passed }), seconds, cpuSeconds, ...(scrapes && { scrapes: scrapeFigures(scrapes) }) }
}

async function watchMemory(pids: readonly number[], signal: AbortSignal) {
  const samples: number[][] = []
  do {
    samples.push(pids.map((pid) => memoryOf(pid).pss))
    await delay(MEMORY_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
  } while (!signal.aborted)
  const ofProcess = (from: number, percent: number) =>
    pids.map((_, at) =>
      percentile(
        samples.slice(from).map((sample) => sample[at] ?? Number.NaN),
        percent,
      ),
    )
  return { peakMiB: ofProcess(0, 100), settledMiB: ofProcess(-SETTLED_SAMPLES, 50) }
}

function scrapeFigures(all: SteadyScrapes): ScrapeFigures {
  const { scrapes, failures } = all
  const times = latencies(all)
  const lag = (labels: string) => {
    const told = scrapes.map(({ body }) => seriesValue(body, `leanmesh_event_loop_lag_seconds{${labels}}`))
    // What the first scrapes were told is of the last window before.
    const ended = told.findIndex((value) => value !== told[0])
    const own = ended < 0 ? [] : told.slice(ended).filter((value) => value !== undefined)
    return own.length > 0 ? Math.max(...own) * 1000 : Number.NaN
  }
  return {
    count: times.length,
    failures,
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    lagMs: [lag('network_id="",plane="metrics"'), lag('network_id="0",plane="swarm"')],
  }
}
