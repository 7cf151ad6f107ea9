/** A real Prometheus on loopback that scrapes what a test serves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { toolPath } from '../../tools/tool-path.ts'
import { LoggedProcess } from './logged-process.ts'

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

/** A series as it is stored. */
export interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly points: readonly { readonly atMs: number; readonly value: number }[]
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

const QUERY_INTERVAL_MS = 50
const QUERY_TIMEOUT_MS = 10_000
/** Without this hidden flag the first scrape comes after 5 s. */
const FLAGS = ['--scrape.discovery-reload-interval=50ms']

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
  #args: readonly string[] = []
  #process: LoggedProcess | undefined
  #port = '0'

  /** Use `startPrometheus`. */
  constructor(folder: string) {
    this.#folder = folder
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  async start(options: PrometheusOptions): Promise<void> {
    // JSON is YAML.
    const file = join(this.#folder, 'prometheus.yml')
    await writeFile(file, JSON.stringify(configuration(options)))
    const storage = `--storage.tsdb.path=${this.#folder}/data`
    this.#args = [`--config.file=${file}`, storage, ...FLAGS, ...(options.flags ?? [])]
    await this.resume()
  }

  /** Ends the program and keeps its data; nothing listens on its port then. */
  async pause(): Promise<void> {
    await this.#process?.end()
  }

  /** Starts it again with the data and the port that it had. */
  async resume(): Promise<void> {
    const args = [`--web.listen-address=127.0.0.1:${this.#port}`, ...this.#args]
    this.#process = new LoggedProcess('Prometheus', { program: toolPath('prometheus'), args })
    // Two parts of the program say this, in either order.
    let [listening, ready] = [false, false]
    await this.#process.ready((line) => {
      const port = /msg="Listening on" .*address=127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port !== undefined) [this.#port, listening] = [port, true]
      ready ||= line.includes('Server is ready to receive web requests')
      return listening && ready
    })
  }

  /** The instant vector of an expression; a scalar is one sample without labels. */
  async query(expression: string): Promise<Sample[]> {
    const data = await this.#ask(expression)
    if (data.resultType === 'scalar') return [{ metric: {}, value: Number(data.result[1]) }]
    if (data.resultType === 'matrix') throw new Error(`${expression} is a range: ask for its points`)
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }

  /** The points of the last hour, as they were stored; series that have ended are among them. */
  async points(selector: string): Promise<StoredSeries[]> {
    const data = await this.#ask(`${selector}[1h]`)
    if (data.resultType !== 'matrix') throw new Error(`${selector} selects no series`)
    return data.result.map(({ metric, values }) => {
      return { metric, points: values.map(([seconds, value]) => ({ atMs: seconds * 1000, value: Number(value) })) }
    })
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
    await this.pause()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #ask(query: string): Promise<QueryData> {
    const body = new URLSearchParams({ query })
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS)
    const response = await fetch(`${this.url}/api/v1/query`, { method: 'POST', body, signal })
    const answer = (await response.json()) as QueryAnswer
    if (answer.status === 'error') throw new Error(`Prometheus does not answer ${query}: ${answer.error}`)
    return answer.data
  }
}

type QueryAnswer = { status: 'error'; error: string } | { status: 'success'; data: QueryData }

type QueryData =
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
  | { resultType: 'matrix'; result: { metric: Record<string, string>; values: [number, string][] }[] }
  | { resultType: 'scalar'; result: [number, string] }

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
