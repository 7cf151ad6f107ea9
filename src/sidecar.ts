import { type Devnet, startDevnet } from './devnet/devnet-process.ts'
import type { MetricsPipeline } from './exporters/metrics-pipeline.ts'
import { AdminServer } from './http/admin-server.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import { createParts, type Part } from './lifecycle/parts.ts'
import { startUsageMeter } from './lifecycle/process-usage.ts'
import type { Logger } from './log.ts'
import { createHistory, type History, HISTORY_STEP_MS } from './mesh/history.ts'
import { type Names, NO_NAMES } from './mesh/names.ts'
import type { NetworkState } from './mesh/network-state.ts'
import { Network } from './networks/network.ts'
import { createSlots } from './networks/slots.ts'
import { swarmProcesses } from './networks/swarm-process.ts'
import { watchCompanions } from './sidecar-companion.ts'
import { meshDocument, settingsFacts } from './sidecar-document.ts'
import { createPipeline } from './sidecar-metrics.ts'
import { namesSource } from './sidecar-names.ts'
import type { NetworkOptions, SidecarOptions } from './sidecar-options.ts'
import { createWeb } from './sidecar-web.ts'
import { version } from './version.ts'

export type { SwarmOptions } from './channel/messages.ts'
export type { NetworkOptions, SidecarOptions } from './sidecar-options.ts'
export type { OtlpOptions } from './sidecar-otlp.ts'

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
  const web = createWeb(options.webConfig, log)
  const http = { droppedConnections: () => server.droppedConnections, refusals: web?.refusals }
  const companions = watchCompanions(options.networks)
  const observed = { networks, names, usage, http, files: web ? [web.refresher] : [], companions, log }
  const { pipeline, refreshers, startPush } = createPipeline(options, observed)
  const history = createHistory()
  const settings = { version, ...settingsFacts(options.networks) }
  const changing = () => ({ nowMs: monotonicMs(), names: names?.names(), refreshers: refreshers.statuses() })
  let standing = { ready: false, reason: 'starting' }
  const listening = { ...options.http, tls: web?.tls }
  const server = new AdminServer(listening, {
    guard: web?.guard,
    ...(options.isScraped && { scrape: () => pipeline.scrape() }),
    mesh: () => meshDocument(slots.states(), { ...settings, ...changing() }),
    history: (networkId) => history.read(networkId),
    ready: () => standing,
    log,
  })
  const parts = createParts(
    [
      { name: 'usage meter', start: nothing, stop: async () => usage.stop() },
      { name: 'web guard', start: nothing, stop: async () => web?.guard.stop() },
      historyPart(history, () => slots.states()),
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

/** Keeps the last hour of the networks. */
function historyPart(history: History, states: () => NetworkState[]): Part {
  let timer: NodeJS.Timeout | undefined
  return {
    name: 'history',
    async start() {
      timer = setInterval(() => history.record(states(), monotonicMs()), HISTORY_STEP_MS).unref()
    },
    stop: async () => clearInterval(timer),
  }
}

const nothing = async () => undefined

function createNetwork(
  { swarm, memoryLimitMib, ...network }: NetworkOptions,
  names: () => Names,
  log: Logger,
): Network {
  const settings = { ...network, topics: swarm.topics, backOff: SWARM_BACK_OFF, stableMs: SWARM_STABLE_MS }
  const launch = swarmProcesses({
    networkId: network.networkId,
    swarm,
    silenceSeconds: SWARM_SILENCE_SECONDS,
    ...(memoryLimitMib !== undefined && { memoryLimitMib }),
  })
  return new Network(settings, { launch, names, now: monotonicMs, log })
}
