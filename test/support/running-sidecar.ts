/** A sidecar as `leanmesh run` starts it: its swarms in child processes, asked over HTTP as an operator would ask. */
import type { MeshDocument, NetworkDocument } from '../../src/verdict/mesh-document.ts'
import { setTimeout as delay } from 'node:timers/promises'
import type { SwarmOptions } from '../../src/channel/messages.ts'
import type { Names } from '../../src/mesh/names.ts'
import { defaultTopicNames, leanTopic } from '../../src/mesh/topics.ts'
import { startSidecar, type OtlpOptions, type SidecarOptions } from '../../src/sidecar.ts'
import { silentLog } from './silent-log.ts'

export const LEAN_TOPICS = defaultTopicNames(1).map((name) => leanTopic('12345678', name))
const POLL_MS = 25
const DEFAULT_TIMEOUT_MS = 15_000

export interface RunningSidecarOptions extends Partial<SwarmOptions> {
  /** Multiaddrs with `/p2p/`. */
  dial?: readonly string[]
  names?: Names
  namesFile?: string
  httpPort?: number
  /** The path of a web config. */
  webConfig?: string
  devnet?: number
  hasLeanNodeInfo?: boolean
  attestationCommittees?: number
  /** The URL of the companion's own metrics. */
  companionMetrics?: string
  /** Pushes there. */
  otlpUrl?: string
  /** Of the pushes; 100 by default. */
  otlpIntervalMs?: number
  /** Resource attributes beside service.name. */
  resource?: Readonly<Record<string, string | number>>
}

export interface RunningSidecar extends AsyncDisposable {
  url: string
  metrics(): Promise<string>
  /** The value of one series, written as in the exposition; undefined when it is not there. */
  value(series: string): Promise<number | undefined>
  network(): Promise<NetworkDocument>
  /** Asks again and again, as a scraper does, until the predicate holds. */
  waitForNetwork(predicate: (network: NetworkDocument) => boolean, timeoutMs?: number): Promise<NetworkDocument>
  waitForMetrics(predicate: (text: string) => boolean, timeoutMs?: number): Promise<string>
  stop(): Promise<void>
}

export async function startRunningSidecar(options: RunningSidecarOptions = {}): Promise<RunningSidecar> {
  const sidecar = await startSidecar(sidecarOptions(options), silentLog)
  const get = async (path: string) => await (await fetch(new URL(path, sidecar.url))).text()
  const network = async () => {
    const document = JSON.parse(await get('v1/mesh')) as MeshDocument
    const [first] = document.networks
    if (!first) throw new Error('the sidecar has no network')
    return first
  }
  const metrics = () => get('metrics')
  return {
    url: sidecar.url,
    metrics,
    value: async (series) => seriesValue(await metrics(), series),
    network,
    // /v1/mesh shows what the last refresh brought; a scrape is what refreshes.
    waitForNetwork: (predicate, timeoutMs) =>
      poll(async () => (await metrics(), await network()), predicate, timeoutMs),
    waitForMetrics: (predicate, timeoutMs) => poll(metrics, predicate, timeoutMs),
    stop: () => sidecar.stop(),
    [Symbol.asyncDispose]: () => sidecar.stop(),
  }
}

function seriesValue(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

/** The peers in the mesh of a topic, sorted. */
export function meshOf(network: NetworkDocument, topic: string): string[] {
  const found = network.topics.find((candidate) => candidate.topic === topic)
  return (found?.mesh ?? []).map(({ peerId }) => peerId).sort()
}

async function poll<T>(
  read: () => Promise<T>,
  predicate: (value: T) => boolean,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (predicate(value)) return value
    if (performance.now() > deadline) {
      const shown = typeof value === 'string' ? value : JSON.stringify(value, undefined, 1)
      throw new Error(`not within ${timeoutMs} ms: ${String(predicate)}\nlast: ${shown}`)
    }
    await delay(POLL_MS)
  }
}

function sidecarOptions(options: RunningSidecarOptions): SidecarOptions {
  const {
    dial = [],
    names,
    namesFile,
    httpPort = 0,
    devnet = 0,
    webConfig,
    otlpUrl,
    otlpIntervalMs,
    resource,
    hasLeanNodeInfo = false,
    attestationCommittees,
    companionMetrics,
    ...swarm
  } = options
  return {
    networks: [
      {
        networkId: '0',
        ...(attestationCommittees !== undefined && { attestationCommittees }),
        ...(companionMetrics !== undefined && { companionMetrics }),
        swarm: {
          listen: ['/ip4/127.0.0.1/udp/0/quic-v1', '/ip4/127.0.0.1/tcp/0'],
          topics: LEAN_TOPICS,
          peers: dial.map(target),
          maxMessageBytes: 12 * 1024 * 1024,
          statusIntervalMs: 32_000,
          quic: { maxIdleTimeoutMs: 4000, keepAliveIntervalMs: 1500 },
          ...swarm,
        },
      },
    ],
    ...(names && { names: { table: names, ...(namesFile !== undefined && { file: namesFile }) } }),
    http: { host: '127.0.0.1', port: httpPort, maxConnections: 64 },
    ...(webConfig !== undefined && { webConfig }),
    isScraped: true,
    hasLeanNodeInfo,
    ...(otlpUrl !== undefined && { otlp: otlpTo(otlpUrl, otlpIntervalMs) }),
    devnet,
    resource: { 'service.name': 'leanmesh', ...resource },
    snapshotDeadlineMs: 250,
    log: { level: 'silent', format: 'json' },
  }
}

function otlpTo(url: string, intervalMs = 100): OtlpOptions {
  const timeouts = { intervalMs, exportTimeoutMs: 5000, requestTimeoutMs: 5000 }
  return { url, headers: {}, compression: 'none', ...timeouts }
}

function target(address: string): { peerId: string; addresses: string[] } {
  const [transport = '', peerId = ''] = address.split('/p2p/')
  return { peerId, addresses: [transport] }
}
