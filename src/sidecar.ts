import type { SwarmOptions } from './channel/messages.ts'
import { type Devnet, startDevnet } from './devnet/devnet-process.ts'
import { createMetricsPipeline, type MetricsPipeline } from './exporters/metrics-pipeline.ts'
import { AdminServer } from './http/admin-server.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import { createParts, type Part } from './lifecycle/parts.ts'
import { startUsageMeter, type UsageMeter } from './lifecycle/process-usage.ts'
import type { Logger, LogLevel } from './log.ts'
import { type Names, NO_NAMES } from './mesh/names.ts'
import type { NetworkState } from './mesh/network-state.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import type { Refreshers } from './metrics/refreshers.ts'
import { Network } from './networks/network.ts'
import { createSlots } from './networks/slots.ts'
import { swarmProcesses } from './networks/swarm-process.ts'
import { type CompanionWatch, watchCompanions } from './sidecar-companion.ts'
import { meshDocument, settingsFacts } from './sidecar-document.ts'
import { type NamesSource, namesSource } from './sidecar-names.ts'
import { createOtlpReader, type OtlpOptions } from './sidecar-otlp.ts'
import { version } from './version.ts'

export type { SwarmOptions } from './channel/messages.ts'
export type { OtlpOptions } from './sidecar-otlp.ts'

/** One gossip network: its name (the label `network_id`) and what its swarm needs. */
export interface NetworkOptions {
  networkId: string
  swarm: SwarmOptions
  /** ATTESTATION_COMMITTEE_COUNT of the genesis config; absent without one. */
  attestationCommittees?: number
  /** Where the companion serves its own metrics. */
  companionMetrics?: string
}

/** Everything that a sidecar needs, validated. What `leanmesh check` accepts is what `leanmesh run` starts. */
export interface SidecarOptions {
  networks: NetworkOptions[]
  /**
   * The names table. With `file` it is read again when the file changes; `devnet` holds the names of the embedded network
   * beside it. Absent: one series without a label.
   */
  names?: { table: Names; file?: string; devnet?: Names }
  http: { host: string; port: number; maxConnections: number }
  /** Whether /metrics is served. */
  isScraped: boolean
  /** Absent: nothing is pushed. */
  otlp?: OtlpOptions
  /** Peers of an embedded local network to start beside it, for trying it out; 0 for none. */
  devnet: number
  /** OpenTelemetry resource attributes, `service.name` included. */
  resource: Record<string, string | number>
  /** Whether lean_node_info and lean_node_start_time_seconds are exported. Default false. */
  hasLeanNodeInfo?: boolean
  /** How long a scrape waits for a fresh snapshot, in milliseconds. */
  snapshotDeadlineMs: number
  log: { level: LogLevel; format: 'text' | 'json' }
}

/** A sidecar that runs. */
export interface Sidecar {
  /** Where the status page is, with a slash at its end. */
  url: string
  /** The networks as last known, without asking them. */
  networks(): NetworkState[]
  /** Stops everything within 3 s, whatever hangs. Idempotent; never rejects. */
  stop(): Promise<void>
}

/** Below the 3 s that a stop may take, also when the exporters' last push takes all of its time. */
const PART_STOP_DEADLINE_MS = 2500
/** For each reader: enough for a last push, which has a deadline of its own. */
const PIPELINE_STOP_DEADLINE_MS = 2000
/** What a collection may take beside its longest part, the wait for fresh snapshots. */
const COLLECTION_MARGIN_MS = 4000
const SWARM_SILENCE_SECONDS = 15
const SWARM_BACK_OFF = { initialMs: 1000, maxMs: 30_000 }
const SWARM_STABLE_MS = 30_000

/**
 * Starts a sidecar: HTTP first, so that a scraper is answered while the swarms come up.
 *
 * @throws LeanmeshError when the HTTP address cannot be had; a swarm that fails is retried instead
 */
export async function startSidecar(options: SidecarOptions, log: Logger): Promise<Sidecar> {
  if (options.devnet === 0) return compose(options, undefined, log)
  const [network] = options.networks
  const devnet = await startDevnet({
    size: options.devnet,
    topics: network?.swarm.topics ?? [],
    maxMessageBytes: network?.swarm.maxMessageBytes ?? 0,
  })
  try {
    return await compose(withDevnet(options, devnet), devnet, log)
  } catch (error) {
    await devnet.stop()
    throw error
  }
}

/** The devnet's peers belong to the first network, and to the names: beside a table of names under names of their own. */
function withDevnet(options: SidecarOptions, { peers }: Devnet): SidecarOptions {
  const [first, ...others] = options.networks
  if (!first) return options
  const prefix = options.names ? 'devnet-' : ''
  const devnetNames = new Map(peers.map(({ peerId, name }) => [peerId, `${prefix}${name}`]))
  // The devnet's slots are counted from the Unix epoch.
  const swarm = { genesisTimeSeconds: 0, ...first.swarm, peers: [...first.swarm.peers, ...peers] }
  const names = { table: new Map(), ...options.names, devnet: devnetNames }
  return { ...options, networks: [{ ...first, swarm }, ...others], names }
}

async function compose(options: SidecarOptions, devnet: Devnet | undefined, log: Logger): Promise<Sidecar> {
  const slots = createSlots()
  const names = namesSource(options.names)
  const table = () => names?.names() ?? NO_NAMES
  const networks = options.networks.map((network) => createNetwork(network, table, log))
  for (const network of networks) slots.attach(network)
  const usage = startUsageMeter()
  const http = { droppedConnections: () => server.droppedConnections }
  const companions = watchCompanions(options.networks)
  const observed = { networks, names, usage, http, companions, log }
  const { pipeline, refreshers, startPush } = createPipeline(options, observed)
  const settings = settingsFacts(options.networks)
  let standing = { ready: false, reason: 'starting' }
  const server = new AdminServer(options.http, {
    ...(options.isScraped && { scrape: () => pipeline.scrape() }),
    mesh: () => {
      const facts = { version, nowMs: monotonicMs(), names: names?.names(), ...settings }
      return meshDocument(slots.states(), { ...facts, refreshers: refreshers.statuses() })
    },
    ready: () => standing,
    log,
  })
  const parts = createParts(
    [
      { name: 'usage meter', start: nothing, stop: async () => usage.stop() },
      { name: 'companion watch', start: nothing, stop: async () => companions.stop() },
      serving({ server, networks, devnet, pipeline, startPush }),
    ],
    {
      stopDeadlineMs: PART_STOP_DEADLINE_MS,
      onStopFailure: (part, reason) => log.warn({ part }, `could not be stopped cleanly: ${reason}`),
    },
  )
  await parts.start()
  standing = { ready: true, reason: 'serving' }
  return {
    url: await server.start(),
    networks: () => slots.states(),
    async stop() {
      standing = { ready: false, reason: 'stopping' }
      await parts.stop()
    },
  }
}

interface Served {
  server: AdminServer
  networks: readonly Network[]
  devnet: Devnet | undefined
  pipeline: MetricsPipeline
  startPush(): void
}

/**
 * The server and what it serves. They stop at the same time: a client that hangs, a child that hangs and a last push may
 * each use up their deadline. The last push tells the truth all the same, because a network reads 0 from the moment that
 * it is told to stop.
 */
function serving({ server, networks, devnet, pipeline, startPush }: Served): Part {
  return {
    name: 'exporters, HTTP server and networks',
    async start() {
      startPush()
      await server.start()
      await Promise.all(networks.map((network) => network.start()))
    },
    async stop() {
      const ending = networks.map((network) => network.stop())
      const exported = server.stop().then(() => pipeline.shutdown(PIPELINE_STOP_DEADLINE_MS))
      await Promise.all([...ending, devnet?.stop(), exported])
    },
  }
}

interface Observed {
  networks: Network[]
  names: NamesSource | undefined
  usage: UsageMeter
  http: { droppedConnections(): number }
  companions: CompanionWatch
  log: Logger
}

interface Exporters {
  pipeline: MetricsPipeline
  refreshers: Refreshers
  startPush(): void
}

/** From the networks to the text that a scrape gets, and to what is pushed. */
function createPipeline(options: SidecarOptions, observed: Observed): Exporters {
  const { networks, names, usage, http, companions, log } = observed
  const startTimeMs = Date.now()
  const onRejected = () => metrics.reject('invalid_series')
  const push = options.otlp && createOtlpReader(options.otlp, onRejected, log)
  const metrics = createMetrics(
    {
      version,
      snapshotDeadlineMs: options.snapshotDeadlineMs,
      hasLeanNodeInfo: options.hasLeanNodeInfo ?? false,
      hasGossipsub: options.networks.some(({ swarm }) => swarm.gossipsubMetrics),
    },
    {
      networks,
      names: () => names?.names(),
      clock: { nowMs: monotonicMs },
      process: { usage: () => usage.read(), startTimeSeconds: startTimeMs / 1000 - process.uptime() },
      http,
      onRefresherChange({ name, error }) {
        if (error === undefined) log.info({ refresher: name }, 'a refresher is up to date again')
        else log.warn({ refresher: name }, `a refresher failed, so its values may be old: ${error}`)
      },
      ...(push && { otlp: push }),
      ...(companions.refreshers.length > 0 && { companionMetrics: companions }),
    },
  )
  for (const refresher of companions.refreshers) metrics.refreshers.addSource(refresher)
  if (names?.refresh) metrics.refreshers.addSource({ name: 'names', refresh: names.refresh })
  const pipeline = createMetricsPipeline(
    {
      resource: options.resource,
      version,
      startTimeMs,
      collectionDeadlineMs: options.snapshotDeadlineMs + COLLECTION_MARGIN_MS,
    },
    { totals: () => metrics.totals(), onRejected },
  )
  metrics.register(pipeline.meter)
  if (push) pipeline.attach(push)
  return { pipeline, refreshers: metrics.refreshers, startPush: () => push?.start() }
}

const nothing = async () => undefined

function createNetwork({ swarm, ...network }: NetworkOptions, names: () => Names, log: Logger): Network {
  const settings = { ...network, topics: swarm.topics, backOff: SWARM_BACK_OFF, stableMs: SWARM_STABLE_MS }
  const launch = swarmProcesses({ networkId: network.networkId, swarm, silenceSeconds: SWARM_SILENCE_SECONDS })
  return new Network(settings, { launch, names, now: monotonicMs, log })
}
