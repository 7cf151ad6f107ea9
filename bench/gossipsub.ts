/** What gossipsub's own metrics cost: two sidecars in the same flood at the same time, one with them and one without. */
import { setTimeout as delay } from 'node:timers/promises'
import { startRealPeer } from '../test/support/real-peer.ts'
import { startTestSwarm } from '../test/support/test-swarm.ts'
import { isQuick } from './support/flags.ts'
import { ownNode } from './support/own-node.ts'
import { childrenOf, cpuSecondsOf, memoryOf } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { createScraper, scrapeSteadily } from './support/scraper.ts'
import { LISTEN, TOPICS } from './support/sidecar-options.ts'
import { median } from './support/statistics.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'

const MESSAGE_BYTES = 3200
const PER_SECOND = 500
const FLOOD_SECONDS = isQuick ? 5 : 16
const REST_SECONDS = isQuick ? 5 : 16
const ROUNDS = isQuick ? 1 : 5
const SCRAPE_INTERVAL_MS = 1000
const READINGS = 200
const [TOPIC = ''] = TOPICS
const PEER = { listen: [LISTEN.quic], topics: [TOPIC], quietMessages: true }

type Setting = 'off' | 'on'

interface Result {
  setting: Setting
  messages: number
  /** Of the swarm, in microseconds a message: what it took in the flood less what it takes at rest. */
  cpuPerMessageUs: number
  /** CPU of each plane at rest with a scrape a second, in milliseconds a second. */
  restMs: { metrics: number; swarm: number }
  /** PSS of each plane after the flood. */
  memoryMiB: { metrics: number; swarm: number }
  scrapeBytes: number
  scrapeP50Ms: number
}

/** rust sends to both sidecars; each of them sends on to a go peer of its own. */
async function round(node: string, order: readonly Setting[]): Promise<Result[]> {
  await using stack = new AsyncDisposableStack()
  const sender = stack.use(await startRealPeer('rust', PEER))
  const sidecars: { setting: Setting; pids: readonly number[]; url: string }[] = []
  for (const setting of order) {
    const receiver = stack.use(await startRealPeer('go', PEER))
    const args = [setting, ...sender.addresses, ...receiver.addresses]
    const subject = stack.use(await startSubject({ entry: 'gossipsub-subject.ts', args, execPath: node }))
    await receiver.waitForState(({ mesh }) => mesh[TOPIC]?.length === 1)
    sidecars.push({ setting, url: subject.url, pids: [subject.pid, ...childrenOf(subject.pid)] })
  }
  await sender.waitForState(({ mesh }) => mesh[TOPIC]?.length === 2)
  const scrapers = sidecars.map(({ url }) => stack.use(createScraper(url)))
  const stopped = new AbortController()
  const options = { intervalMs: SCRAPE_INTERVAL_MS, signal: stopped.signal }
  const scraping = scrapers.map((scraper) => scrapeSteadily(scraper, options))
  const cpu = () => sidecars.map(({ pids }) => pids.map(cpuSecondsOf))

  const beforeRest = cpu()
  await delay(REST_SECONDS * 1000)
  const beforeFlood = cpu()
  const { sent } = await sender.flood({
    topic: TOPIC,
    bytes: MESSAGE_BYTES,
    perSecond: PER_SECOND,
    seconds: FLOOD_SECONDS,
  })
  await delay(1000)
  const after = cpu()
  stopped.abort()
  const scrapes = await Promise.all(scraping)
  return sidecars.map(({ setting, pids }, at) => {
    const used = (from: number[][], to: number[][], plane: number) => (to[at]?.[plane] ?? 0) - (from[at]?.[plane] ?? 0)
    const restMs = (plane: number) => (used(beforeRest, beforeFlood, plane) / REST_SECONDS) * 1000
    const [metrics = 0, swarm = 0] = pids.map((pid) => memoryOf(pid).pss)
    const flood = used(beforeFlood, after, 1) - (restMs(1) / 1000) * (FLOOD_SECONDS + 1)
    const timed = scrapes[at]?.scrapes ?? []
    return {
      setting,
      messages: sent,
      cpuPerMessageUs: (flood / sent) * 1e6,
      restMs: { metrics: restMs(0), swarm: restMs(1) },
      memoryMiB: { metrics, swarm },
      scrapeBytes: timed.at(-1)?.body.length ?? 0,
      scrapeP50Ms: median(timed.map(({ milliseconds }) => milliseconds)),
    }
  })
}

/** What a snapshot weighs as it crosses, and how long it takes to make. */
async function snapshots() {
  const figures = []
  for (const setting of ['off', 'on'] as const) {
    await using swarm = await startTestSwarm({ topics: TOPICS, gossipsubMetrics: setting === 'on' })
    await using peer = await startRealPeer('rust', {
      topics: TOPICS,
      dial: [`${swarm.target('quic').addresses[0]}/p2p/${swarm.id}`],
    })
    await swarm.until('meshed', ({ topics }) => topics.every(({ mesh }) => mesh.includes(peer.peerId)), 15_000)
    const times = Array.from({ length: READINGS }, () => {
      const startedAt = performance.now()
      JSON.stringify(swarm.swarm.snapshot())
      return performance.now() - startedAt
    })
    figures.push({ setting, bytes: JSON.stringify(swarm.swarm.snapshot()).length, ms: median(times) })
  }
  return figures
}

function row(setting: Setting, results: readonly Result[]) {
  const all = results.filter((result) => result.setting === setting)
  const middle = (pick: (result: Result) => number, decimals = 0) => figure(median(all.map(pick)), decimals)
  return {
    metrics: setting,
    'swarm CPU us/message': middle(({ cpuPerMessageUs }) => cpuPerMessageUs),
    'at rest, CPU ms/s': `${middle(({ restMs }) => restMs.metrics, 1)} + ${middle(({ restMs }) => restMs.swarm, 1)}`,
    'PSS MiB': `${middle(({ memoryMiB }) => memoryMiB.metrics)} + ${middle(({ memoryMiB }) => memoryMiB.swarm)}`,
    'scrape bytes': middle(({ scrapeBytes }) => scrapeBytes),
    'scrape p50 ms': middle(({ scrapeP50Ms }) => scrapeP50Ms, 1),
  }
}

/** Both of a round were in the same flood: what differs between them says more than what differs between rounds. */
function difference(results: readonly Result[]): string {
  const costs = (setting: Setting) =>
    results.filter((result) => result.setting === setting).map(({ cpuPerMessageUs }) => cpuPerMessageUs)
  const off = costs('off')
  const differences = costs('on').map((cost, index) => cost - (off[index] ?? Number.NaN))
  const [least, most] = [Math.min(...differences), Math.max(...differences)]
  return `${figure(median(differences))} (${figure(least)} to ${figure(most)})`
}

using node = ownNode()
const results: Result[] = []
for (let index = 0; index < ROUNDS; index++) {
  results.push(...(await round(node.path, index % 2 === 0 ? ['off', 'on'] : ['on', 'off'])))
}
const weights = await snapshots()
const title = `${MESSAGE_BYTES}-byte messages, ${PER_SECOND} a second for ${FLOOD_SECONDS} s, a scrape a second; median of ${ROUNDS}`
printTable(title, [row('off', results), row('on', results)])
console.log(`\non - off, swarm CPU us/message, in the same flood: ${difference(results)}`)
printTable(
  'A snapshot, made and written as JSON',
  weights.map(({ setting, bytes, ms }) => ({ metrics: setting, bytes: figure(bytes), ms: figure(ms, 3) })),
)
writeResults('gossipsub', {
  quick: isQuick,
  messageBytes: MESSAGE_BYTES,
  perSecond: PER_SECOND,
  results,
  snapshots: weights,
})
