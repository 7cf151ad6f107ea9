/** What a scrape waits, and what is lost, while the swarm takes a flood of gossip. */
import { setTimeout as delay } from 'node:timers/promises'
import { startRealPeer, type RealPeer } from '../test/support/real-peer.ts'
import type { Build } from './flood-subject.ts'
import { isQuick } from './support/flags.ts'
import { ownNode } from './support/own-node.ts'
import { childrenOf, cpuSecondsOf, memoryOf, type Memory } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { createScraper, scrapeSteadily, seriesValue, type TimedScrape } from './support/scraper.ts'
import { LISTEN, SNAPSHOT_DEADLINE_MS, TOPICS, type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { percentile } from './support/statistics.ts'
import { AS_SWARM, startSubject } from './support/subject.ts'
import { figure, printTable, verdict } from './support/table.ts'

const MESSAGE_BYTES = 3200
const RATES = isQuick ? [0, 1000] : [0, 500, 1000, 2000]
const FLOOD_SECONDS = isQuick ? 5 : 16
const REST_SECONDS = isQuick ? 3 : 8
const SCRAPE_INTERVAL_MS = 50
/** After a flood: how long what is still under way may take, and how long nothing must have come to call it over. */
const DRAIN_DEADLINE_MS = 10_000
const DRAINED_AFTER_MS = 600
/** Goal: at most the greater of three times the figure at rest and the snapshot deadline with this on top. */
const GOAL_MARGIN_MS = 50
const [TOPIC = ''] = TOPICS

interface Case {
  build: Build
  transport: Transport
  perSecond: number
}

interface Result extends Case {
  sent: number
  failed: number
  delivered: number
  drainMs: number
  scrapes: number
  scrapeFailures: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  maxAgeMs: number
  lagMs: { metrics: number; swarm: number }
  memory: Memory[]
  cpuSeconds: number[]
  seconds: number
}

/** rust sends to the sidecar, and only to it; go is sent to by the sidecar, and only by it. */
async function run(one: Case, node: string): Promise<Result> {
  const options = { listen: [LISTEN[one.transport]], topics: [TOPIC], quietMessages: true }
  await using sender = await startRealPeer('rust', options)
  await using receiver = await startRealPeer('go', options)
  await using subject = await startSubject({
    entry: 'flood-subject.ts',
    args: [one.build, one.transport, ...sender.addresses, ...receiver.addresses],
    execPath: node,
    ...(one.build === 'one' && AS_SWARM),
  })
  await Promise.all([sender, receiver].map((peer) => peer.waitForState(({ mesh }) => mesh[TOPIC]?.length === 1)))
  const pids = [subject.pid, ...childrenOf(subject.pid)]
  using scraper = createScraper(subject.url)
  for (let index = 0; index < 30; index++) await scraper.scrape()

  const cpuBefore = pids.map(cpuSecondsOf)
  const startedAt = performance.now()
  const stopped = new AbortController()
  const scraping = scrapeSteadily(scraper, { intervalMs: SCRAPE_INTERVAL_MS, signal: stopped.signal })
  const { sent, failed } = await load(sender, one.perSecond)
  const memory = pids.map(memoryOf)
  const drained = await drain(receiver, sent)
  stopped.abort()
  const { scrapes, failures } = await scraping
  const cpuSeconds = pids.map((pid, at) => cpuSecondsOf(pid) - (cpuBefore[at] ?? 0))
  const seconds = (performance.now() - startedAt) / 1000
  return { ...one, sent, failed, ...drained, ...seen(scrapes), scrapeFailures: failures, memory, cpuSeconds, seconds }
}

async function load(sender: RealPeer, perSecond: number): Promise<{ sent: number; failed: number }> {
  if (perSecond > 0) return sender.flood({ topic: TOPIC, bytes: MESSAGE_BYTES, perSecond, seconds: FLOOD_SECONDS })
  await delay(REST_SECONDS * 1000)
  return { sent: 0, failed: 0 }
}

/** Waits until the far side has everything, or nothing more comes. */
async function drain(receiver: RealPeer, sent: number): Promise<{ delivered: number; drainMs: number }> {
  const startedAt = performance.now()
  let delivered = -1
  let lastMs = 0
  for (;;) {
    const nowMs = performance.now() - startedAt
    const { received } = await receiver.stats()
    if (received > delivered) lastMs = nowMs
    delivered = received
    if (received >= sent || nowMs - lastMs > DRAINED_AFTER_MS || nowMs > DRAIN_DEADLINE_MS) break
    await delay(100)
  }
  return { delivered, drainMs: lastMs }
}

/** What a scraper saw: how long it waited, and what it was told. */
function seen(scrapes: readonly TimedScrape[]) {
  const times = scrapes.map(({ milliseconds }) => milliseconds)
  const highest = (series: string) =>
    Math.max(...scrapes.map(({ body }) => (seriesValue(body, series) ?? Number.NaN) * 1000))
  const lag = (labels: string) => highest(`leanmesh_event_loop_lag_seconds{${labels}}`)
  return {
    scrapes: times.length,
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    maxMs: Math.max(...times),
    maxAgeMs: highest('leanmesh_snapshot_age_seconds{network_id="0"}'),
    lagMs: { metrics: lag('network_id="",plane="metrics"'), swarm: lag('network_id="0",plane="swarm"') },
  }
}

function goalMs({ build, transport }: Result, results: readonly Result[]): number {
  const rest = results.find((other) => other.build === build && other.transport === transport && other.perSecond === 0)
  return Math.max(3 * (rest?.p99Ms ?? 0), SNAPSHOT_DEADLINE_MS + GOAL_MARGIN_MS)
}

function row(result: Result, results: readonly Result[]) {
  const goal = goalMs(result, results)
  const both = (values: readonly number[], decimals = 0) => values.map((value) => figure(value, decimals)).join(' + ')
  return {
    transport: result.transport,
    processes: result.build,
    'msg/s': figure(result.perSecond),
    sent: figure(result.sent),
    delivered: figure(result.delivered),
    'drain ms': figure(result.drainMs),
    'p50 ms': figure(result.p50Ms, 1),
    'p99 ms': figure(result.p99Ms, 1),
    'max ms': figure(result.maxMs),
    'goal p99': `${figure(goal)} ${verdict(result.p99Ms, goal)}`,
    'age ms': figure(result.maxAgeMs),
    'lag ms': both([result.lagMs.metrics, result.lagMs.swarm]),
    'RSS MiB': both(result.memory.map(({ rss }) => rss)),
    'PSS MiB': both(result.memory.map(({ pss }) => pss)),
    'CPU s': both(result.cpuSeconds, 1),
  }
}

using node = ownNode()
const results: Result[] = []
for (const transport of TRANSPORTS) {
  for (const build of ['two', 'one'] as const) {
    for (const perSecond of RATES) results.push(await run({ build, transport, perSecond }, node.path))
  }
}
const title = `${MESSAGE_BYTES}-byte messages for ${FLOOD_SECONDS} s, ${1000 / SCRAPE_INTERVAL_MS} scrapes a second; metrics plane + swarm plane`
printTable(
  title,
  results.map((result) => row(result, results)),
)
writeResults('flood', { quick: isQuick, messageBytes: MESSAGE_BYTES, results })
