/** One point of a curve: a sidecar of a certain size at rest, and what it holds and takes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Dialling } from '../crowd-subject.ts'
import type { MeshDocument } from '../../src/verdict/mesh-document.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import { memoryOf, threadSecondsOf } from './process-figures.ts'
import { type RunningCommand, spawnRun } from './run-command.ts'
import { createScraper, latencies, scrapeSteadily, type Scraper } from './scraper.ts'
import { LISTEN } from './sidecar-options.ts'
import { median, sum } from './statistics.ts'
import { startSubject, type Subject } from './subject.ts'

export interface GrowthSize {
  /** Peers in each network that dial the sidecar; it takes no more than 300, and of one host half. */
  inbound: number
  /** Peers in each network that the sidecar dials, as its settings say. */
  dialled: number
  topics: number
  names: number
  networks: number
  /** Each scrapes once a second. */
  scrapers: number
}

export interface GrowthFigures {
  size: GrowthSize
  connected: number
  /** When it was measured, in seconds since its start: more than asked for where its peers came late. */
  ageSeconds: number
  /** PSS in MiB, median of a sample a second: the metrics plane, and all swarms together. */
  memoryMiB: [metrics: number, swarms: number]
  /** CPU milliseconds a second of the same. */
  cpuMs: [metrics: number, swarms: number]
  bytes: number
  /** Scrapes that failed, which count as the longest. */
  failures: number
  p50Ms: number
  longestMs: number
  loadAverage: number
}

export interface GrowthOptions {
  main: string
  node: string
  /** When it is measured, in seconds since its start: V8 compiles for minutes, and a heap grows with the scrapes. */
  ageSeconds: number
  seconds: number
}

/** Two hosts for the sidecar: who dials the second comes from it. */
const LISTENS = [LISTEN.quic, '/ip6/::1/udp/0/quic-v1']
const DEADLINE_MS = 120_000
const INTERVAL_MS = 1000
const MEMORY_SAMPLES = 3
const FORK = '12345678'

export async function growthStep(size: GrowthSize, options: GrowthOptions): Promise<GrowthFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-growth-'))
  // Equally long, as the names are: a longer text is no growth.
  const topics = ['block', ...Array.from({ length: size.topics - 1 }, (_, index) => `attestation_${10 + index}`)]
  try {
    await using crowd = await startCrowd(size, topics)
    const dialled = crowd.url.split(' ').filter((address) => address !== '')
    await writeFile(join(folder, 'leanmesh.yaml'), JSON.stringify(await settings(size, { topics, dialled, folder })))
    const { main, node } = options
    const args = ['--config', join(folder, 'leanmesh.yaml')]
    await using command = await spawnRun({ node, nodeFlags: [], main, peers: [], args })
    await dialIn(crowd, size, await untilMesh(command, ({ networks }) => networks.every(isListening)))
    const isComplete = ({ networks }: MeshDocument) =>
      networks.every(({ connectedPeers }) => connectedPeers.length >= size.inbound + size.dialled)
    // The machine may be too busy for all of them: the figures say how many came.
    await untilMesh(command, isComplete).catch(() => undefined)
    const figures = await measured(command, size, options)
    return { size, connected: connectedTo(await untilMesh(command, () => true)), ...figures }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The peers of the sidecar; those that it dials listen when this is done. */
async function startCrowd({ dialled, networks }: GrowthSize, topics: readonly string[]): Promise<Subject> {
  const fullTopics = topics.map((name) => leanTopic(FORK, name)).join()
  return await startSubject({ entry: 'crowd-subject.ts', args: [String(networks * dialled), fullTopics] })
}

/** Has the others dial it. */
async function dialIn(crowd: Subject, { inbound }: GrowthSize, { networks }: MeshDocument): Promise<void> {
  const sidecars = networks.map(({ listenAddresses, peerId = '' }) => {
    return { peerId, addresses: listenAddresses.map((address) => address.replace(/\/p2p\/.*/, '')) }
  })
  await crowd.ask({ perSidecar: inbound, sidecars } satisfies Dialling)
}

function connectedTo({ networks }: MeshDocument): number {
  return sum(networks.map(({ connectedPeers }) => connectedPeers.length))
}

type NetworkView = MeshDocument['networks'][number]

function isListening({ peerId, listenAddresses }: NetworkView): boolean {
  return peerId !== undefined && listenAddresses.length === LISTENS.length
}

async function settings(
  size: GrowthSize,
  { topics, dialled, folder }: { topics: readonly string[]; dialled: readonly string[]; folder: string },
): Promise<object> {
  const share = dialled.length / size.networks
  const networks = Array.from({ length: size.networks }, (_, index) => ({
    name: `n${index}`,
    listen: LISTENS,
    topics,
    peers: dialled.slice(index * share, (index + 1) * share),
  }))
  if (size.names === 0) return { networks }
  const names: Record<string, string> = {}
  for (let index = 0; index < size.names; index++) {
    names[peerIdFromPrivateKey(await generateKeyPair('secp256k1')).toString()] = `zeam_${1000 + index}`
  }
  const file = join(folder, 'names.json')
  await writeFile(file, JSON.stringify(names))
  return { networks, names: file }
}

async function untilMesh(command: RunningCommand, isIt: (mesh: MeshDocument) => boolean): Promise<MeshDocument> {
  const deadline = performance.now() + DEADLINE_MS
  while (performance.now() < deadline) {
    // Until it listens, connections are refused.
    const response = await fetch(new URL('v1/mesh', command.url)).catch(() => undefined)
    if (response?.ok) {
      const mesh = (await response.json()) as MeshDocument
      if (isIt(mesh)) return mesh
    }
    await delay(200)
  }
  throw new Error(`not within ${DEADLINE_MS} ms: ${String(isIt)}`)
}

async function measured(command: RunningCommand, { scrapers }: GrowthSize, { ageSeconds, seconds }: GrowthOptions) {
  const all = Array.from({ length: scrapers }, () => createScraper(command.url))
  const age = () => (performance.now() - command.spawnedAt) / 1000
  const settled = await scrapedWhile(all, () => delay(Math.max(0, ageSeconds - age()) * 1000).then(age))
  const pids = command.pids()
  const { done, results } = await scrapedWhile(all, async () => {
    // From the middle between two scrapes to another, and until each scraper has begun.
    await delay(INTERVAL_MS * 1.5)
    const before = pids.map(threadSecondsOf)
    const startedAt = performance.now()
    await delay(seconds * INTERVAL_MS)
    const elapsedMs = performance.now() - startedAt
    const cpu = pids.map((pid, at) => ((threadSecondsOf(pid) - (before[at] ?? 0)) * 1e6) / elapsedMs)
    const samples: number[][] = pids.map(() => [])
    for (let sample = 0; sample < MEMORY_SAMPLES; sample++) {
      // Only now: to read it goes through all pages, and leaves the caches cold.
      pids.forEach((pid, at) => samples[at]?.push(memoryOf(pid).pss))
      await delay(INTERVAL_MS)
    }
    return { cpuMs: planes(cpu), memoryMiB: planes(samples.map(median)) }
  })
  for (const scraper of all) scraper[Symbol.dispose]()
  const times = results.flatMap(latencies)
  return {
    ageSeconds: settled.done,
    ...done,
    bytes: median(results.flatMap(({ scrapes }) => scrapes.map(({ body }) => body.length))),
    failures: sum(results.map(({ failures }) => failures)),
    p50Ms: median(times),
    longestMs: Math.max(...times),
    loadAverage: loadavg()[0] ?? Number.NaN,
  }
}

function planes([metrics = 0, ...swarms]: readonly number[]): [metrics: number, swarms: number] {
  return [metrics, sum(swarms)]
}

/** Each scrapes once a second, and none together with another: they would share an answer. */
async function scrapedWhile<T>(scrapers: readonly Scraper[], run: () => Promise<T>) {
  const stopped = new AbortController()
  const { signal } = stopped
  const scraping = scrapers.map(async (scraper, at) => {
    await delay((at * INTERVAL_MS) / scrapers.length)
    return await scrapeSteadily(scraper, { intervalMs: INTERVAL_MS, signal })
  })
  const done = await run()
  stopped.abort()
  return { done, results: await Promise.all(scraping) }
}
