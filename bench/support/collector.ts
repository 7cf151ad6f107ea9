/** The real OpenTelemetry Collector on loopback. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnGuarded } from '../../test/support/prometheus.ts'
import { toolPath } from '../../tools/tool-path.ts'
import { freePort } from './free-port.ts'

export interface CollectorOptions {
  /** Scraped; without them it takes pushes. */
  scrapeConfig?: object
  /** Where Prometheus takes remote write. */
  remoteWriteUrl: string
}

export interface Collector extends AsyncDisposable {
  pid: number
  /** For metrics by OTLP, the whole URL. */
  otlpUrl: string
}

const START_TIMEOUT_MS = 30_000
const STOP_DEADLINE_MS = 10_000
const POLL_MS = 50
const KEPT_BYTES = 8192

export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-collector-'))
  const [otlpPort, healthPort] = [await freePort(), await freePort()]
  const file = join(folder, 'config.yaml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration(options, otlpPort, healthPort)))
  const child = spawnGuarded(toolPath('collector'), [`--config=${file}`])
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-KEPT_BYTES)))
  child.stdin?.on('error', () => undefined)
  const closed = once(child, 'close')
  const collector = {
    pid: child.pid ?? 0,
    otlpUrl: `http://127.0.0.1:${otlpPort}/v1/metrics`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
      await closed
      clearTimeout(timer)
      child.stdin?.end('stopped\n')
      await rm(folder, { recursive: true, force: true })
    },
  }
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await isHealthy(healthPort))) {
    if (child.exitCode === null && performance.now() < deadline) await delay(POLL_MS)
    else {
      await collector[Symbol.asyncDispose]()
      throw new Error(`the collector did not start:\n${log}`)
    }
  }
  return collector
}

async function isHealthy(port: number): Promise<boolean> {
  const answer = fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) })
  return await answer.then(
    (response) => response.ok,
    () => false,
  )
}

function configuration({ scrapeConfig, remoteWriteUrl }: CollectorOptions, otlpPort: number, healthPort: number) {
  const receivers =
    scrapeConfig === undefined
      ? { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } }
      : { prometheus: { config: { scrape_configs: [scrapeConfig] } } }
  const network = 'set(datapoint.attributes["network"], resource.attributes["k8s.namespace.name"])'
  return {
    extensions: { health_check: { endpoint: `127.0.0.1:${healthPort}` } },
    receivers,
    processors: {
      memory_limiter: { check_interval: '1s', limit_mib: 2000, spike_limit_mib: 400 },
      transform: { metric_statements: [`${network} where datapoint.attributes["network"] == nil`] },
      batch: { timeout: '1s', send_batch_size: 8192, send_batch_max_size: 8192 },
    },
    exporters: {
      prometheus_remote_write: {
        endpoint: remoteWriteUrl,
        translation_strategy: 'UnderscoreEscapingWithoutSuffixes',
        disable_scope_info: true,
        target_info: { enabled: false },
      },
    },
    service: {
      extensions: ['health_check'],
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        metrics: {
          receivers: Object.keys(receivers),
          processors: ['memory_limiter', 'transform', 'batch'],
          exporters: ['prometheus_remote_write'],
        },
      },
    },
  }
}
