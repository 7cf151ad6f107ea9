/** One point of the growth curve: a fleet, one real Prometheus, and, on two of three paths, one real collector. */
import { setTimeout as delay } from 'node:timers/promises'
import { startPrometheus, type Prometheus } from '../../test/support/prometheus.ts'
import type { Collector } from '../../test/support/collector.ts'
import { startWritingCollector } from './collector.ts'
import { cpuSecondsOf, memoryOf } from './process-figures.ts'
import { seriesValue } from './scraper.ts'
import { pushFrom } from './simulated-fleet.ts'
import type { Simulation } from './simulated-sidecar.ts'

export const PATHS = [
  'Prometheus scrapes',
  'collector scrapes, remote write',
  'OTLP to collector, remote write',
] as const
export type Path = (typeof PATHS)[number]

export interface StepOptions {
  path: Path
  /** `host:port` of each sidecar. */
  targets: readonly string[]
  simulation: Simulation
  /** Of the scrapes and of the pushes. */
  intervalMs: number
  windowMs: number
}

export interface ProcessCost {
  /** CPU seconds a second. */
  cores: number
  rssMiB: number
}

export interface StepFigures {
  path: Path
  targets: number
  intervalMs: number
  /** In Prometheus' head. */
  series: number
  samplesPerSecond: number
  /** Of what was scraped or pushed in a window's length, by its own times: 1 when nothing was lost on the way. */
  arrivedShare: number
  prometheus: ProcessCost
  collector?: ProcessCost
  /** 99th percentile over the targets' last scrapes; none where nobody scrapes. */
  scrapeP99Ms?: number
  /** Scrapes or pushes that failed in the window. */
  failed: number
  /** What the write-ahead log grew by. */
  walBytesPerSample: number
}

const ARRIVAL_TIMEOUT_MS = 120_000
/** Longer than a batch waits. Without it the window would end just as those come again that arrived last. */
const SETTLE_MS = 3000

export async function measureStep(options: StepOptions): Promise<StepFigures> {
  const { path, targets, simulation, intervalMs } = options
  const isDirect = path === 'Prometheus scrapes'
  const scrapeConfig = scrapeConfigOf(options)
  await using prometheus = await startPrometheus({
    scrapeIntervalMs: intervalMs,
    flags: ['--web.enable-remote-write-receiver'],
    ...(isDirect && { extraConfig: { scrape_configs: [scrapeConfig] } }),
  })
  if (isDirect) return await measure(options, prometheus)
  const isPush = path === 'OTLP to collector, remote write'
  const remoteWriteUrl = `${prometheus.url}/api/v1/write`
  await using collector = await startWritingCollector({ remoteWriteUrl, ...(!isPush && { scrapeConfig }) })
  if (!isPush) return await measure(options, prometheus, { collector })
  const controller = new AbortController()
  const push = { size: targets.length, url: collector.otlpUrl, intervalMs, signal: controller.signal }
  const { failed, ended } = pushFrom(simulation, push)
  try {
    return await measure(options, prometheus, { collector, failedPushes: failed })
  } finally {
    controller.abort()
    await ended
  }
}

function scrapeConfigOf({ targets, intervalMs }: StepOptions): object {
  const interval = `${intervalMs}ms`
  return {
    job_name: 'leanmesh',
    honor_labels: true,
    scrape_interval: interval,
    scrape_timeout: interval,
    static_configs: targets.map((target, index) => ({
      targets: [target],
      labels: { instance: `lean-devnet/sidecar-${index}`, network: 'lean-devnet' },
    })),
  }
}

interface Between {
  collector?: Collector
  failedPushes?: () => number
}

/** Waits until every sidecar has arrived, so that the window has no new series in it, and measures the window. */
async function measure(options: StepOptions, prometheus: Prometheus, between: Between = {}): Promise<StepFigures> {
  const { path, targets, intervalMs, windowMs } = options
  const count = targets.length
  const hasAll = (rows: { value: number }[]) => rows[0]?.value === count
  await prometheus.waitForQuery('count(lean_gossip_mesh_running)', hasAll, ARRIVAL_TIMEOUT_MS)
  await delay(SETTLE_MS)
  const before = await reading(prometheus, between)
  await delay(windowMs)
  const after = await reading(prometheus, between)
  const seconds = (after.atMs - before.atMs) / 1000
  const samples = after.samples - before.samples
  const cost = (pid: number, cpu: 'prometheusCpu' | 'collectorCpu'): ProcessCost => ({
    cores: (after[cpu] - before[cpu]) / seconds,
    rssMiB: memoryOf(pid).rss,
  })
  return {
    path,
    targets: count,
    intervalMs,
    series: after.series,
    samplesPerSecond: samples / seconds,
    arrivedShare: (await scalar(prometheus, arrivedPoints(windowMs))) / ((count * windowMs) / intervalMs),
    prometheus: cost(prometheus.pid, 'prometheusCpu'),
    ...(between.collector && { collector: cost(between.collector.pid, 'collectorCpu') }),
    ...(!between.failedPushes && { scrapeP99Ms: 1000 * (await scalar(prometheus, P99)) }),
    failed: between.failedPushes
      ? after.failedPushes - before.failedPushes
      : await scalar(prometheus, failedScrapes(seconds)),
    walBytesPerSample: (after.walBytes - before.walBytes) / samples,
  }
}

/** One series of each sidecar, without the last seconds, of which a batch may still be on its way. */
function arrivedPoints(windowMs: number): string {
  return `sum(count_over_time(lean_gossip_mesh_running[${windowMs}ms] offset 5s))`
}

const P99 = 'quantile(0.99, scrape_duration_seconds)'

function failedScrapes(seconds: number): string {
  const window = `[${Math.round(seconds * 1000)}ms]`
  return `sum(count_over_time(up${window}) - sum_over_time(up${window}))`
}

async function scalar(prometheus: Prometheus, expression: string): Promise<number> {
  return (await prometheus.query(expression))[0]?.value ?? Number.NaN
}

async function reading(prometheus: Prometheus, { collector, failedPushes }: Between) {
  const atMs = performance.now()
  const prometheusCpu = cpuSecondsOf(prometheus.pid)
  const collectorCpu = collector === undefined ? 0 : cpuSecondsOf(collector.pid)
  const own = await (await fetch(`${prometheus.url}/metrics`)).text()
  const value = (series: string) => seriesValue(own, series) ?? Number.NaN
  return {
    atMs,
    prometheusCpu,
    collectorCpu,
    failedPushes: failedPushes?.() ?? 0,
    series: value('prometheus_tsdb_head_series'),
    samples: value('prometheus_tsdb_head_samples_appended_total{type="float"}'),
    walBytes: value('prometheus_tsdb_wal_storage_size_bytes'),
  }
}
