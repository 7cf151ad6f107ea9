/** A real sidecar, asked once a second: what the simulated ones say. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { defaultTopicNames, leanTopic } from '../../src/mesh/topics.ts'
import { startSidecar, type SidecarOptions } from '../../src/sidecar.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { createScraper, seriesValue, type Scraper } from './scraper.ts'
import { sidecarOptions } from './sidecar-options.ts'

/** What makes the number of series. */
export interface Shape {
  /** In the table of names; 0 for none. */
  names: number
  /** Attestation subnets, beside block and aggregation. */
  subnets: number
  networks: number
}

/** Both once a second, at the same times. */
export interface Recording {
  expositions: string[]
  pushes: Buffer[]
}

/** Stands for the number of a sidecar in what was recorded. */
export const RECORDED_ID = 'sidecar-00000'
const DEVNET_PEERS = 4
const POLL_MS = 100
const START_TIMEOUT_MS = 60_000
const SECOND = 1000
/** Five slots: one more than a peer alone takes to be believed about the clock. */
const SETTLED_SECONDS = 20
const SETTLE_TIMEOUT_MS = 120_000

/** One scrape of a sidecar of this shape whose swarms all run. */
export async function scrapeOf(shape: Shape): Promise<string> {
  const sidecar = await startSidecar(optionsOf(shape), silentLog)
  try {
    return await whenRunning(sidecar.url, shape.networks)
  } finally {
    await sidecar.stop()
  }
}

/** Records a sidecar of this shape that is in the mesh of a network where blocks and attestations go round. */
export async function record(shape: Shape, seconds: number): Promise<Recording> {
  const pushes: Buffer[] = []
  await using receiver = await startReceiver((body) => pushes.push(body))
  const push = { intervalMs: SECOND, exportTimeoutMs: SECOND, requestTimeoutMs: SECOND }
  const otlp = { url: receiver.url, headers: {}, compression: 'none' as const, ...push }
  const sidecar = await startSidecar({ ...optionsOf(shape), devnet: DEVNET_PEERS, otlp }, silentLog)
  using scraper = createScraper(sidecar.url)
  try {
    await whenRunning(sidecar.url, shape.networks)
    await whenSettled(scraper)
    pushes.length = 0
    const expositions: string[] = []
    for (let second = 0; second < seconds; second++) {
      expositions.push((await scraper.scrape()).body)
      await delay(SECOND)
    }
    return { expositions, pushes: pushes.slice() }
  } finally {
    await sidecar.stop()
  }
}

function optionsOf({ names, subnets, networks }: Shape): SidecarOptions {
  const options = sidecarOptions('quic', [])
  const topics = defaultTopicNames(subnets).map((name) => leanTopic('12345678', name))
  const [{ swarm }] = options.networks
  const table = new Map(Array.from({ length: names }, (_, index) => [`peer-${index}`, `zeam_${index}`]))
  return {
    ...options,
    networks: Array.from({ length: networks }, (_, index) => ({
      networkId: `devnet-${index}`,
      swarm: { ...swarm, topics },
    })),
    ...(names > 0 && { names: { table } }),
    resource: RESOURCE,
  }
}

/** The attributes that `leanmesh run` finds in a pod. */
const RESOURCE = {
  'service.name': 'leanmesh',
  'service.version': '0.1.0',
  'service.instance.id': `lean-devnet/${RECORDED_ID}/leanmesh`,
  'host.name': RECORDED_ID,
  'host.arch': 'amd64',
  'process.pid': 1,
  'process.runtime.name': 'nodejs',
  'process.runtime.version': process.versions.node,
  'k8s.namespace.name': 'lean-devnet',
  'k8s.pod.name': RECORDED_ID,
  'k8s.container.name': 'leanmesh',
  'k8s.node.name': 'node-0',
}

async function whenRunning(url: string, networks: number): Promise<string> {
  using scraper = createScraper(url)
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const { body } = await scraper.scrape()
    const ids = Array.from({ length: networks }, (_, index) => `devnet-${index}`)
    // The series of a swarm come with its first snapshot.
    const isRunning = ids.every((id) => {
      return seriesValue(body, `leanmesh_event_loop_lag_seconds{network_id="${id}",plane="swarm"}`) !== undefined
    })
    if (isRunning) return body
    if (performance.now() > deadline) throw new Error(`the sidecar does not run after ${START_TIMEOUT_MS} ms`)
    await delay(POLL_MS)
  }
}

/** Series come with the first messages, and those of the clock once there were enough: after as many seconds without one, none is left. */
async function whenSettled(scraper: Scraper): Promise<void> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS
  let [last, unchanged] = ['', 0]
  while (unchanged < SETTLED_SECONDS) {
    const { body } = await scraper.scrape()
    const series = body.replaceAll(/ \S+$/gm, '')
    unchanged = series === last ? unchanged + 1 : 0
    last = series
    if (performance.now() > deadline) throw new Error(`series still come after ${SETTLE_TIMEOUT_MS} ms`)
    await delay(SECOND)
  }
}

async function startReceiver(onPush: (body: Buffer) => void): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    buffer(request)
      .then(onPush)
      .then(
        () => response.end(),
        () => response.destroy(),
      )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
