import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { type Loop, pauseUntilBeat, startLoop } from '../lifecycle/loop.ts'
import { largestPlausibleSlot, readHead } from '../measure/read-head.ts'
import type { Totals } from '../measure/totals.ts'
import type { Names } from '../mesh/names.ts'
import { type PeerHead, ZERO_ROOT } from '../mesh/peer-head.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import { askStatus, type StatusOutcome } from './ask-status.ts'
import { peersOf } from './dial.ts'
import { STATUS_BODY_BYTES } from './status-codec.ts'
import { createStatusSchedule, type StatusSchedule } from './status-schedule.ts'

export interface HeadsOptions {
  /** Between two requests to the same peer, in milliseconds; 0: nobody is asked, and no head is known. */
  statusIntervalMs: number
}

export interface HeadsDeps {
  libp2p: Pick<Libp2p, 'getConnections'>
  totals: Totals
  names(): Names
  /** In seconds since the Unix epoch; undefined while the slot of now is not known, or not to be trusted. */
  genesisTime(): number | undefined
  /** The monotonic clock, in milliseconds. */
  now(): number
}

/** The longest time between two looks for whom to ask: each wakes the process. A slot is four of it, so that only tests have a shorter one. */
export const CHECK_INTERVAL_MS = 1000
const CHECKS_PER_INTERVAL = 4
const MAX_IN_FLIGHT = 4
/** Of intervals: what a peer said is told no longer. */
const MAX_AGE = 3
/** Claims no head. */
const ZERO_STATUS = Buffer.alloc(STATUS_BODY_BYTES)

/** What the named peers that are connected say of their chains: asks each of them from time to time. */
export class Heads {
  readonly #options: HeadsOptions
  readonly #deps: HeadsDeps
  readonly #schedule: StatusSchedule
  readonly #statuses = new Map<PeerIdString, { body: Buffer; head: PeerHead }>()
  readonly #asking = new Set<Promise<void>>()
  #loop: Loop | undefined

  constructor(options: HeadsOptions, deps: HeadsDeps) {
    this.#options = options
    this.#deps = deps
    this.#schedule = createStatusSchedule({ intervalMs: options.statusIntervalMs, maxInFlight: MAX_IN_FLIGHT })
  }

  start(): void {
    const { statusIntervalMs } = this.#options
    if (this.#loop || statusIntervalMs === 0) return
    const checkIntervalMs = Math.min(CHECK_INTERVAL_MS, statusIntervalMs / CHECKS_PER_INTERVAL)
    this.#loop = startLoop(
      async (signal) => {
        await pauseUntilBeat(checkIntervalMs, signal)
        if (!signal.aborted) this.#askDue(signal)
      },
      () => undefined,
    )
  }

  async stop(): Promise<void> {
    await this.#loop?.stop()
    this.#loop = undefined
    await Promise.all(this.#asking)
  }

  /** What a peer said of itself when it asked us. */
  onStatus(peer: PeerIdString, body: Buffer): void {
    if (this.#loop && this.#deps.names().has(peer)) this.#learn(peer, body)
  }

  /** Of named peers that are connected, and not too long ago. */
  read(): PeerHead[] {
    const oldest = this.#deps.now() - MAX_AGE * this.#options.statusIntervalMs
    const present = this.#present()
    const heads = Array.from(this.#statuses.values(), ({ head }) => head)
    return heads.filter(({ peerId, atMs }) => present.has(peerId) && atMs >= oldest)
  }

  #present(): Map<PeerIdString, PeerId> {
    const names = this.#deps.names()
    // Saves going through all connections at each check.
    if (names.size === 0) return new Map()
    return new Map([...peersOf(this.#deps.libp2p)].filter(([peer]) => names.has(peer)))
  }

  #askDue(stopping: AbortSignal): void {
    const present = this.#present()
    for (const peer of this.#statuses.keys()) if (!present.has(peer)) this.#statuses.delete(peer)
    for (const peer of this.#schedule.due(present.keys(), this.#deps.now())) {
      const connection = this.#deps.libp2p.getConnections(present.get(peer)).find(({ status }) => status === 'open')
      const asking = this.#ask(peer, connection, stopping).finally(() => {
        this.#asking.delete(asking)
        // One in flight less: who waits for that need not wait for the next check.
        if (!stopping.aborted) this.#askDue(stopping)
      })
      this.#asking.add(asking)
    }
  }

  async #ask(peer: PeerIdString, connection: Connection | undefined, stopping: AbortSignal): Promise<void> {
    // The peer's own Status: to claim any other head could make it sync from us or cut us off.
    const body = this.#statuses.get(peer)?.body ?? ZERO_STATUS
    const outcome: StatusOutcome = connection ? await askStatus(connection, body, stopping) : { result: 'failed' }
    if (stopping.aborted) return
    const isAbsurd = outcome.result === 'answered' && !this.#learn(peer, outcome.body)
    const result = isAbsurd ? 'invalid' : outcome.result
    this.#deps.totals.counter('leanmesh_status_queries_total', { result }).value++
    this.#schedule.settled(peer, result === 'answered', this.#deps.now())
  }

  /** False when it cannot be true. */
  #learn(peer: PeerIdString, body: Buffer): boolean {
    const head = readHead(body, largestPlausibleSlot(Date.now(), this.#deps.genesisTime()))
    if (!head) return false
    if (head.headRoot === ZERO_ROOT) this.#statuses.delete(peer)
    else this.#statuses.set(peer, { body, head: { peerId: peer, ...head, atMs: this.#deps.now() } })
    return true
  }
}
