import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface TimedScrape {
  milliseconds: number
  body: string
}

export interface Scraper extends Disposable {
  /** @throws Error when the answer is not 200 */
  scrape(): Promise<TimedScrape>
}

const DEADLINE_MS = 20_000

/** Scrapes over connections that it keeps, as Prometheus does. */
export function createScraper(url: string, headers: Readonly<Record<string, string>> = {}): Scraper {
  const agent = new Agent({ keepAlive: true })
  const options = { agent, headers, timeout: DEADLINE_MS }
  return {
    async scrape() {
      const { promise, resolve, reject } = Promise.withResolvers<TimedScrape>()
      const startedAt = performance.now()
      const request = get(new URL('metrics', url), options, (response) => {
        const chunks: Buffer[] = []
        response.on('error', reject)
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const milliseconds = performance.now() - startedAt
          const body = Buffer.concat(chunks).toString()
          if (response.statusCode === 200) resolve({ milliseconds, body })
          else reject(new Error(`answered ${response.statusCode}: ${body}`))
        })
      })
      request.on('timeout', () => request.destroy(new Error(`no answer in ${DEADLINE_MS} ms`)))
      request.on('error', reject)
      return await promise
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

export interface SteadyOptions {
  intervalMs: number
  signal: AbortSignal
}

export interface SteadyScrapes {
  scrapes: TimedScrape[]
  failures: number
}

/**
 * Scrapes at every interval, whether or not the earlier ones are answered: a server that stalls for a second is seen by
 * all who would have come in that second, not by one.
 */
export async function scrapeSteadily(scraper: Scraper, { intervalMs, signal }: SteadyOptions): Promise<SteadyScrapes> {
  const scrapes: TimedScrape[] = []
  let failures = 0
  const pending = new Set<Promise<void>>()
  const startedAt = performance.now()
  for (let count = 1; !signal.aborted; count++) {
    const one = scraper
      .scrape()
      .then(
        (scrape) => void scrapes.push(scrape),
        () => void failures++,
      )
      .finally(() => pending.delete(one))
    pending.add(one)
    const waitMs = startedAt + count * intervalMs - performance.now()
    await delay(Math.max(0, waitMs), undefined, { signal }).catch(() => undefined)
  }
  await Promise.all(pending)
  return { scrapes, failures }
}

/** How long each took in milliseconds, with one that failed as longer than any. */
export function latencies({ scrapes, failures }: SteadyScrapes): number[] {
  return [...scrapes.map(({ milliseconds }) => milliseconds), ...Array<number>(failures).fill(Infinity)]
}

/** The value of one series, written as in the exposition; undefined when it is not there. */
export function seriesValue(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}
