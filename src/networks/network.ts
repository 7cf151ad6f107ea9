import { CommandDropped } from '../channel/command-window.ts'
import { createBackOff } from '../lifecycle/back-off.ts'
import { raceAbort } from '../lifecycle/deadline.ts'
import { type Loop, pause, startLoop } from '../lifecycle/loop.ts'
import type { Part } from '../lifecycle/parts.ts'
import { type Names, UNKNOWN_NAME } from '../mesh/names.ts'
import type { NetworkPhase, NetworkSource, NetworkState } from '../mesh/network-state.ts'
import type { Snapshot } from '../mesh/snapshot.ts'
import { addTotals, carryTotals, type Total } from '../mesh/totals.ts'
import { createClockNews } from './clock-news.ts'
import { createCompanionSince } from './companion-since.ts'
import { createMeshNews } from './mesh-news.ts'
import { createSeenPeers } from './seen-peers.ts'
import type { LaunchSwarm, SwarmEnd, SwarmLife } from './swarm-life.ts'
import { errorText } from '../errors.ts'
import type { Logger } from '../log.ts'

export interface NetworkSettings {
  networkId: string
  topics: string[]
  /** As the genesis config says. */
  attestationCommittees?: number
  backOff: { initialMs: number; maxMs: number }
  /** A swarm that ran at least this long starts the back-off anew, in milliseconds. */
  stableMs: number
}

export interface NetworkDeps {
  launch: LaunchSwarm
  /** The names table as it is now; the same object until it changes. Empty without one. */
  names(): Names
  now(): number
  log: Logger
}

/** One network in its slot: keeps a swarm running, and holds what it last said. */
export class Network implements NetworkSource, Part {
  readonly name: string
  readonly networkId: string
  readonly #settings: NetworkSettings
  readonly #deps: NetworkDeps
  readonly #restarts = { exit: 0, killed: 0, hung: 0, memory: 0, start_failed: 0 }
  readonly #dropped = { full: 0, closed: 0, uninitialized: 0 }
  readonly #seen = createSeenPeers()
  readonly #companion = createCompanionSince()
  #wanted = false
  #loop: Loop | undefined
  #stopping: Promise<void> | undefined
  #life: SwarmLife | undefined
  /** What the swarm was told last. */
  #names: Names | undefined
  #phase: NetworkPhase = 'stopped'
  #snapshot: Snapshot | undefined
  /** Totals of the swarms that ended. */
  #carried: Total[] = []
  #added: { carried?: Total[]; snapshot?: Snapshot | undefined; sum: Total[] } = { sum: [] }
  #carriedGossipsub: Total[] = []
  #carriedCpuSeconds = 0
  #warnings = 0
  #lastError: string | undefined

  constructor(settings: NetworkSettings, deps: NetworkDeps) {
    this.name = `network ${settings.networkId}`
    this.networkId = settings.networkId
    this.#settings = settings
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#wanted = true
    // Two lives at once would claim the same addresses.
    await this.#stopping
    // A stop that came meanwhile has the last word.
    if (!this.#wanted || this.#loop) return
    this.#phase = 'starting'
    const backOff = createBackOff({ ...this.#settings.backOff, jitter: 0 })
    this.#loop = startLoop(
      async (signal) => {
        const launchedAt = this.#deps.now()
        const end = await this.#live(signal)
        if (!end || signal.aborted) return
        this.#onEnd(end)
        if (this.#deps.now() - launchedAt >= this.#settings.stableMs) backOff.reset()
        await pause(backOff.next(), signal)
      },
      (error) => this.#deps.log.error({ network: this.networkId }, errorText(error)),
    )
  }

  async stop(): Promise<void> {
    this.#wanted = false
    this.#phase = 'stopped'
    this.#forgetSnapshot()
    const loop = this.#loop
    this.#loop = undefined
    if (loop) this.#stopping = loop.stop()
    await this.#stopping
  }

  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#phase === 'stopped') return
    try {
      if (!this.#life) throw new CommandDropped('closed')
      this.#tellNames(this.#life)
      await this.#life.snapshot(signal)
    } catch (error) {
      if (error instanceof CommandDropped) this.#dropped[error.reason] += 1
      // While it does not run, that it does not is all there is to know.
      if (this.#phase === 'running') throw error
    }
  }

  state(): NetworkState {
    const { attestationCommittees: committees } = this.#settings
    const companion = this.#snapshot && this.#companion.standing()
    return {
      networkId: this.networkId,
      phase: this.#phase,
      topics: this.#settings.topics,
      ...(committees !== undefined && { attestationCommittees: committees }),
      ...(this.#snapshot && { snapshot: this.#snapshot }),
      ...(companion && { companion }),
      seenPeers: this.#seen.peers(),
      totals: this.#totals(),
      ...this.#gossipsub(),
      cpuSeconds: this.#carriedCpuSeconds + (this.#snapshot?.usage.cpuSeconds ?? 0),
      warnings: this.#warnings,
      restarts: { ...this.#restarts },
      droppedCommands: { ...this.#dropped },
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    }
  }

  #gossipsub(): Pick<NetworkState, 'gossipsub'> {
    const now = this.#snapshot?.gossipsub
    if (this.#carriedGossipsub.length === 0) return now ? { gossipsub: now } : {}
    return { gossipsub: { totals: addTotals(this.#carriedGossipsub, now?.totals ?? []), levels: now?.levels ?? [] } }
  }

  /** One life of the swarm. Undefined when it ended because this network was stopped. */
  async #live(signal: AbortSignal): Promise<SwarmEnd | undefined> {
    const life = this.#launch(signal)
    if ('reason' in life) return life
    this.#life = life
    // It never rejects: what does is the signal.
    const end = await raceAbort(life.ended, signal).catch(() => undefined)
    if (!end) await life.stop()
    this.#life = undefined
    return end
  }

  /** A life, or how it ended before it began: the host may have no process left to give. */
  #launch(signal: AbortSignal): SwarmLife | SwarmEnd {
    this.#names = this.#deps.names()
    const news = [createMeshNews, createClockNews].map((create) => create(this.networkId, this.#deps.log))
    try {
      const life = this.#deps.launch(
        {
          onSnapshot: (snapshot) => {
            if (this.#life !== life || signal.aborted) return
            this.#onSnapshot(snapshot)
            for (const tell of news) tell(snapshot)
          },
          onWarning: (message, suppressed) => this.#onWarning(message, suppressed),
        },
        this.#names,
      )
      return life
    } catch (error) {
      return { reason: 'start_failed', message: errorText(error) }
    }
  }

  #tellNames(life: SwarmLife): void {
    const names = this.#deps.names()
    if (names === this.#names) return
    this.#names = names
    life.setNames(names)
  }

  #onWarning(message: string, suppressed: number): void {
    this.#warnings += 1 + suppressed
    this.#deps.log.warn({ network: this.networkId, ...(suppressed > 0 && { suppressed }) }, message)
  }

  #onSnapshot(snapshot: Snapshot): void {
    if (this.#phase !== 'running') {
      this.#deps.log.info({ network: this.networkId, peerId: snapshot.peerId }, 'the swarm runs')
    }
    this.#phase = 'running'
    this.#lastError = undefined
    this.#snapshot = snapshot
    this.#companion.note(snapshot)
    this.#seen.note(snapshot.connectedPeers, this.#deps.names())
  }

  #onEnd({ reason, message }: SwarmEnd): void {
    this.#restarts[reason] += 1
    this.#lastError = message
    this.#phase = 'restarting'
    this.#forgetSnapshot()
    this.#deps.log.warn({ network: this.networkId, reason }, `the swarm ended and is started again: ${message}`)
  }

  /** What is carried and what the swarm counted, added up once a snapshot: every observer of a scrape asks for it. */
  #totals(): Total[] {
    const { carried, snapshot, sum } = this.#added
    if (carried === this.#carried && snapshot === this.#snapshot) return sum
    const totals = this.#snapshot?.totals ?? []
    this.#added = {
      carried: this.#carried,
      snapshot: this.#snapshot,
      sum: this.#carried.length === 0 ? totals : addTotals(this.#carried, totals),
    }
    return this.#added.sum
  }

  #forgetSnapshot(): void {
    // Names that left the table would add up over the lives of the swarms.
    const clients = new Set([...this.#deps.names().values(), UNKNOWN_NAME])
    const carried = carryTotals(this.#carried, this.#snapshot?.totals ?? [])
    this.#carried = carried.filter(({ labels: { client } }) => client === undefined || clients.has(client))
    this.#carriedGossipsub = carryTotals(this.#carriedGossipsub, this.#snapshot?.gossipsub?.totals ?? [])
    this.#carriedCpuSeconds += this.#snapshot?.usage.cpuSeconds ?? 0
    this.#snapshot = undefined
  }
}
