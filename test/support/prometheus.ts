/** A real Prometheus on loopback that scrapes what a test serves. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { toolPath } from '../../tools/tool-path.ts'

export interface PrometheusOptions {
  /** One job for this URL; or else `targets`, or only what `extraConfig` says. */
  readonly scrapeUrl?: string
  /** `host:port`, scraped at /metrics. */
  readonly targets?: readonly string[]
  readonly job?: string
  readonly scrapeIntervalMs?: number
  readonly honorLabels?: boolean
  /** Labels of the target, as an operator's configuration adds them. */
  readonly labels?: Readonly<Record<string, string>>
  /** Keys of prometheus.yml; `scrape_configs` are added to the job above. */
  readonly extraConfig?: Readonly<Record<string, unknown>> & { readonly scrape_configs?: readonly unknown[] }
  /** Flags of the program, as `--web.enable-otlp-receiver`. */
  readonly flags?: readonly string[]
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

const START_TIMEOUT_MS = 20_000
const STOP_DEADLINE_MS = 5_000
const QUERY_INTERVAL_MS = 50
const QUERY_TIMEOUT_MS = 10_000
const KEPT_LINES = 40
/** Without the second, a hidden flag, the first scrape comes after 5 s. */
const FLAGS = ['--web.listen-address=127.0.0.1:0', '--scrape.discovery-reload-interval=50ms']
/**
 * A program that does not read its standard input would outlive a test runner that is killed. The shell becomes that program (the pid
 * stays), and what it leaves behind kills that pid when standard input ends without a word.
 */
const GUARD = 'exec 3<&0; (read -r _ <&3 || kill -KILL $$) </dev/null >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'

/** Starts a program that is killed when this process is gone. Its log, on standard error, is to be read. */
export function spawnGuarded(program: string, args: readonly string[]): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD, 'sh', program, ...args], { stdio: ['pipe', 'ignore', 'pipe'] })
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-prometheus-'))
  const prometheus = new Prometheus(folder)
  try {
    await prometheus.start(options)
    return prometheus
  } catch (error) {
    await prometheus.stop()
    throw error
  }
}

export class Prometheus implements AsyncDisposable {
  readonly #folder: string
  readonly #lines: string[] = []
  readonly #closed = Promise.withResolvers<void>()
  #child: ChildProcess | undefined
  #url = ''

  /** Use `startPrometheus`. */
  constructor(folder: string) {
    this.#folder = folder
  }

  get url(): string {
    return this.#url
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(options: PrometheusOptions): Promise<void> {
    const program = toolPath('prometheus')
    // JSON is YAML.
    const file = join(this.#folder, 'prometheus.yml')
    await writeFile(file, JSON.stringify(configuration(options)))
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${this.#folder}/data`,
      ...FLAGS,
      ...(options.flags ?? []),
    ]
    this.#child = spawnGuarded(program, args)
    await this.#ready(this.#child)
  }

  /** The instant vector of an expression; a scalar is one sample without labels. */
  async query(expression: string): Promise<Sample[]> {
    const body = new URLSearchParams({ query: expression })
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS)
    const response = await fetch(`${this.#url}/api/v1/query`, { method: 'POST', body, signal })
    const answer = (await response.json()) as QueryAnswer
    if (answer.status === 'error') throw new Error(`Prometheus does not answer ${expression}: ${answer.error}`)
    const { data } = answer
    if (data.resultType === 'scalar') return [{ metric: {}, value: Number(data.result[1]) }]
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }

  /** Asks again until the predicate holds: Prometheus tells nobody when it has scraped. */
  async waitForQuery(expression: string, predicate: (samples: Sample[]) => boolean, timeoutMs = 20_000) {
    const deadline = performance.now() + timeoutMs
    let samples = await this.query(expression)
    while (!predicate(samples)) {
      if (performance.now() > deadline) {
        const last = JSON.stringify(samples)
        throw new Error(
          `${expression} did not satisfy ${String(predicate)} within ${timeoutMs} ms; the last answer is ${last}`,
        )
      }
      await delay(QUERY_INTERVAL_MS)
      samples = await this.query(expression)
    }
    return samples
  }

  /** Safe to call twice. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child !== undefined) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
      await this.#closed.promise
      clearTimeout(timer)
      child.stdin?.end('stopped\n')
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Its log says which port it got, and when it answers queries. */
  async #ready(child: ChildProcess): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const fail = (why: string): void => reject(new Error([`Prometheus ${why}`, ...this.#lines].join('\n  ')))
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => this.#onLine(line, resolve))
    child.stdin?.on('error', () => {})
    child.once('error', (error) => fail(`could not run: ${error.message}`))
    child.once('close', (code, signal) => {
      fail(`ended with ${signal ?? `code ${code}`}`)
      this.#closed.resolve()
    })
    const timer = setTimeout(() => fail(`was not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }

  #onLine(line: string, ready: () => void): void {
    this.#lines.push(line)
    if (this.#lines.length > KEPT_LINES) this.#lines.shift()
    const port = /msg="Listening on" .*address=127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port !== undefined) this.#url = `http://127.0.0.1:${port}`
    if (line.includes('Server is ready to receive web requests')) ready()
  }
}

type QueryAnswer =
  | { status: 'error'; error: string }
  | {
      status: 'success'
      data:
        | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
        | { resultType: 'scalar'; result: [number, string] }
    }

function configuration(options: PrometheusOptions): object {
  const { scrapeUrl, targets, job = 'leanmesh', scrapeIntervalMs = 200, honorLabels = false, labels = {} } = options
  const { scheme, host, path } = endpoint(scrapeUrl)
  const hosts = scrapeUrl === undefined ? targets : [host]
  const scrape = {
    job_name: job,
    honor_labels: honorLabels,
    scheme,
    metrics_path: path,
    static_configs: [{ targets: hosts, labels }],
  }
  const interval = `${scrapeIntervalMs}ms`
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    ...options.extraConfig,
    scrape_configs: [...(hosts === undefined ? [] : [scrape]), ...(options.extraConfig?.scrape_configs ?? [])],
  }
}

function endpoint(url = 'http://127.0.0.1/metrics'): { scheme: string; host: string; path: string } {
  const { protocol, host, pathname } = new URL(url)
  return { scheme: protocol.replace(':', ''), host, path: pathname }
}
