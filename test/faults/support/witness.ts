/** A scraper that goes on all through a fault, and judges every answer that it got. */
import { Agent, get } from 'node:http'
import { type Exposition, readExposition } from './exposition-values.ts'

/** What the witness knows that the sidecar cannot: named peers that are out of reach, and when that has to be noticed. */
export type Absences = ReadonlyMap<string, number>

export interface Testimony {
  answers: number
  /** Answers that said that the truth could not be told. */
  refusals: number
  slowestMs: number
}

const INTERVAL_MS = 250
/** As long as Prometheus waits by default. */
const DEADLINE_MS = 10_000
/** An older snapshot has to be called old. */
const FRESH_SECONDS = 1
const REFUSAL = 'the metrics could not be collected: '

export class Witness {
  readonly #url: URL
  readonly #absences: Absences
  // Prometheus keeps its connection.
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 1 })
  readonly #pending = new Set<Promise<void>>()
  #timer: NodeJS.Timeout
  readonly #untruths: string[] = []
  #last: Exposition | undefined
  #lastAskedAtMs = 0
  #testimony: Testimony = { answers: 0, refusals: 0, slowestMs: 0 }

  constructor(sidecarUrl: string, absences: Absences) {
    this.#url = new URL('metrics', sidecarUrl)
    this.#absences = absences
    this.#timer = setInterval(() => this.#ask(), INTERVAL_MS)
  }

  /** What it saw since the last time that it was heard. @throws Error with all that was no answer, or not the truth */
  async hear(): Promise<Testimony> {
    await Promise.all(this.#pending)
    const untruths = this.#untruths.splice(0)
    if (untruths.length > 0) {
      throw new Error(`${untruths.length} of ${this.#testimony.answers} scrapes:\n${untruths.slice(0, 20).join('\n')}`)
    }
    const testimony = this.#testimony
    this.#testimony = { answers: 0, refusals: 0, slowestMs: 0 }
    return testimony
  }

  /** Does not ask while nobody can answer. */
  async pauseWhile(act: () => Promise<void>): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#pending)
    await act().finally(() => (this.#timer = setInterval(() => this.#ask(), INTERVAL_MS)))
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#pending)
    this.#agent.destroy()
  }

  #ask(): void {
    const askedAtMs = performance.now()
    const one = ask(this.#url, this.#agent)
      .then(
        ({ status, body }) => this.#judge(askedAtMs, status, body),
        (error: unknown) => void this.#untruths.push(`no answer: ${String(error)}`),
      )
      .finally(() => {
        this.#testimony.answers += 1
        this.#testimony.slowestMs = Math.max(this.#testimony.slowestMs, performance.now() - askedAtMs)
        this.#pending.delete(one)
      })
    this.#pending.add(one)
  }

  #judge(askedAtMs: number, status: number, body: string): void {
    if (status === 503 && body.startsWith(REFUSAL)) {
      this.#testimony.refusals += 1
      return
    }
    if (status !== 200) {
      this.#untruths.push(`answered ${status}: ${body.slice(0, 200)}`)
      return
    }
    try {
      const now = readExposition(body)
      const before = askedAtMs > this.#lastAskedAtMs ? this.#last : undefined
      const tookMs = performance.now() - askedAtMs
      const said = [
        ...contradictions(now),
        ...staleness(before, now, tookMs),
        ...ghosts(now, this.#absences, askedAtMs),
        ...decreases(before, now),
      ]
      this.#untruths.push(...said)
      if (askedAtMs < this.#lastAskedAtMs) return
      this.#last = now
      this.#lastAskedAtMs = askedAtMs
    } catch (error) {
      this.#untruths.push(`not an exposition: ${String(error)}`)
    }
  }
}

/** What cannot be true at the same time. */
function* contradictions(now: Exposition): Generator<string> {
  const isRunning = now.value('lean_gossip_mesh_running', { network_id: '0' }) === 1
  const peers = now.sum('lean_gossip_mesh_peers')
  const connected = now.sum('leanmesh_connected_peers')
  if (!isRunning && peers + connected > 0) yield `${peers} mesh peers, ${connected} connected, of no running swarm`
  const ageSeconds = now.value('leanmesh_snapshot_age_seconds', { network_id: '0' })
  if (isRunning && ageSeconds === undefined) yield 'a running swarm without an age of its snapshot'
}

/**
 * An old snapshot whose refresher did not fail. A scrape during which a process stood still is older by that time, and one
 * that began before the swarm ran had nothing to refresh: both tell the age all the same.
 */
function* staleness(before: Exposition | undefined, now: Exposition, tookMs: number): Generator<string> {
  const ageSeconds = now.value('leanmesh_snapshot_age_seconds', { network_id: '0' }) ?? 0
  const isRefreshed = now.value('leanmesh_refresher_success', { refresher: 'network:0' }) === 1
  const wasRunning = before?.value('lean_gossip_mesh_running', { network_id: '0' }) === 1
  if (!isRefreshed || !wasRunning || ageSeconds <= FRESH_SECONDS + tookMs / 1000) return
  yield `a snapshot of ${ageSeconds} s that is called fresh`
}

/** Peers that have been out of reach for long and are still said to be there. A snapshot that is called old excuses it. */
function* ghosts(now: Exposition, absences: Absences, askedAtMs: number): Generator<string> {
  if (now.value('leanmesh_refresher_success', { refresher: 'network:0' }) !== 1) return
  for (const [client, dueAtMs] of absences) {
    if (askedAtMs < dueAtMs || now.value('lean_gossip_mesh_peers', { client }) !== 1) continue
    yield `${client} in the mesh ${Math.round(askedAtMs - dueAtMs)} ms after that it is gone had to be noticed`
  }
}

function* decreases(before: Exposition | undefined, now: Exposition): Generator<string> {
  for (const [series, value] of before?.counters ?? []) {
    const after = now.counters.get(series)
    if (after !== undefined && after < value) yield `${series} went back from ${value} to ${after}`
  }
}

async function ask(url: URL, agent: Agent): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const request = get(url, { agent, signal: AbortSignal.timeout(DEADLINE_MS) }, (response) => {
    const chunks: Buffer[] = []
    response.on('error', reject)
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
  })
  request.on('error', reject)
  return await promise
}
