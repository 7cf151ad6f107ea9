/** A real OpenTelemetry Collector on loopback that runs the checkout's otel-collector.yaml. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toolPath } from '../../tools/tool-path.ts'
import { LoggedProcess } from './logged-process.ts'

export const COLLECTOR_FILE = join(import.meta.dirname, '../../otel-collector.yaml')

export interface CollectorOptions {
  /** The variables of otel-collector.yaml, as `COLLECTOR_TARGETS`; its ports are free ones unless they are here. */
  readonly env?: Readonly<Record<string, string>>
  /** Merged over otel-collector.yaml, in this order. */
  readonly overlays?: readonly string[]
}

/** Fulfils when the collector finds nothing wrong; rejects with what it says otherwise. */
export async function validateCollectorFiles(
  files: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const args = ['validate', ...files.map((file) => `--config=${file}`)]
  await promisify(execFile)(toolPath('collector'), args, { env: { ...process.env, ...env } })
}

export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-collector-'))
  const collector = new Collector(folder, options)
  try {
    await collector.start()
    return collector
  } catch (error) {
    await collector.stop()
    throw error
  }
}

export class Collector implements AsyncDisposable {
  readonly #folder: string
  readonly #options: CollectorOptions
  #process: LoggedProcess | undefined
  #otlp = '127.0.0.1:0'

  /** Use `startCollector`. */
  constructor(folder: string, options: CollectorOptions) {
    this.#folder = folder
    this.#options = options
  }

  /** Where to push metrics. */
  get otlpUrl(): string {
    return `http://${this.#otlp}/v1/metrics`
  }

  /** After `end`, with the port and the queue that it had. */
  async start(): Promise<void> {
    const { env = {}, overlays = [] } = this.#options
    const args = [COLLECTOR_FILE, ...overlays].map((file) => `--config=${file}`)
    const own = {
      COLLECTOR_OTLP: this.#otlp,
      COLLECTOR_HEALTH: '127.0.0.1:0',
      COLLECTOR_METRICS_PORT: '0',
      COLLECTOR_STATE: join(this.#folder, 'state'),
    }
    this.#process = new LoggedProcess('The collector', {
      program: toolPath('collector'),
      args,
      env: { ...own, ...env },
    })
    await this.#process.ready((line) => {
      this.#otlp = /Starting HTTP server.*"endpoint": "(127\.0\.0\.1:\d+)"/.exec(line)?.[1] ?? this.#otlp
      return line.includes('Everything is ready')
    })
  }

  async end(signal?: NodeJS.Signals): Promise<void> {
    await this.#process?.end(signal)
  }

  /** Safe to call twice. */
  async stop(): Promise<void> {
    await this.end()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
