/** The same parts as the sidecar's, composed in one process: what the second process buys is the difference. */
import { createMetricsPipeline } from '../../src/exporters/metrics-pipeline.ts'
import { AdminServer } from '../../src/http/admin-server.ts'
import { errorText } from '../../src/errors.ts'
import { monotonicMs } from '../../src/lifecycle/clock.ts'
import { startUsageMeter, type UsageMeter } from '../../src/lifecycle/process-usage.ts'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { createMetrics } from '../../src/metrics/create-metrics.ts'
import { Network } from '../../src/networks/network.ts'
import type { LaunchSwarm, SwarmEnd } from '../../src/networks/swarm-life.ts'
import type { SwarmOptions } from '../../src/channel/messages.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { noMeshDocument } from './no-mesh-document.ts'
import type { OneNetwork } from './sidecar-options.ts'

const VERSION = '0.0.0-bench'
const BACK_OFF = { initialMs: 1000, maxMs: 30_000 }

/** Starts it, and gives the URL that it is scraped at. It ends with the process. */
export async function startOneProcessSidecar(options: OneNetwork): Promise<string> {
  const [{ networkId, swarm }] = options.networks
  const usage = startUsageMeter()
  const settings = { networkId, topics: swarm.topics, backOff: BACK_OFF, stableMs: 30_000 }
  const launch = swarmInProcess(swarm, usage)
  const network = new Network(settings, { launch, names: () => NO_NAMES, now: monotonicMs, log: silentLog })
  const metrics = createMetrics(
    { version: VERSION, snapshotDeadlineMs: options.snapshotDeadlineMs },
    {
      networks: [network],
      names: () => undefined,
      clock: { nowMs: monotonicMs },
      process: { usage: () => usage.read(), startTimeSeconds: Date.now() / 1000 },
      http: { droppedConnections: () => 0 },
    },
  )
  const pipeline = createMetricsPipeline(
    { resource: options.resource, version: VERSION, startTimeMs: Date.now() },
    { totals: () => metrics.totals(), onRejected: () => metrics.reject('invalid_series') },
  )
  metrics.register(pipeline.meter)
  const server = new AdminServer(options.http, {
    scrape: () => pipeline.scrape(),
    mesh: noMeshDocument,
    history: () => [],
    ready: () => ({ ready: true, reason: 'bench' }),
    log: silentLog,
  })
  const url = await server.start()
  await network.start()
  return url
}

/** A life of a swarm in this process. */
function swarmInProcess(options: SwarmOptions, usage: UsageMeter): LaunchSwarm {
  return ({ onSnapshot }) => {
    const { promise: ended, resolve: end } = Promise.withResolvers<SwarmEnd>()
    const swarm = new Swarm(options, { agent: 'leanmesh/bench', usage: () => usage.read(), onSnapshot })
    const started = swarm.start().catch((error: unknown) => end({ reason: 'start_failed', message: errorText(error) }))
    return {
      ended,
      setNames: () => undefined,
      async snapshot() {
        await started
        const snapshot = swarm.snapshot()
        onSnapshot(snapshot)
        return snapshot
      },
      async stop() {
        await swarm.stop()
        end({ reason: 'exit', message: 'stopped' })
      },
    }
  }
}
