import { type ChildProcess, fork } from 'node:child_process'
import { createTotalsMemory } from '../channel/changed-totals.ts'
import { CommandWindow } from '../channel/command-window.ts'
import type { SwarmCommand, SwarmOptions, SwarmReport } from '../channel/messages.ts'
import { parseReport } from '../channel/parse-report.ts'
import { errorText } from '../errors.ts'
import { childEntry } from '../lifecycle/child-entry.ts'
import { confinedArguments, confinedEnvironment } from '../lifecycle/confined-child.ts'
import { settleWithin } from '../lifecycle/deadline.ts'
import type { Names } from '../mesh/names.ts'
import type { RestartReason } from '../mesh/network-state.ts'
import type { Snapshot } from '../mesh/snapshot.ts'
import type { LaunchSwarm, SwarmEnd, SwarmLife, SwarmListener } from './swarm-life.ts'

/** Commands that may wait for an answer; more mean that the swarm does not keep up. */
export const COMMAND_CAPACITY = 16
const STOP_DEADLINE_MS = 1500
const CHECK_MS = 1000
/** Checks in a row: what a burst needs for a moment is given back. */
const LARGE_CHECKS = 5
const BYTES_PER_MIB = 1024 * 1024

/**
 * What the heap of a swarm may hold. A leak then ends this swarm, which is started again and counted, before it ends the
 * container: with the metrics plane's limit it is below the container's, and it is below what a further network is given.
 * With 300 peers, as many as there may be, 46 MiB are in use.
 */
export const SWARM_HEAP_MIB = 104

/**
 * How much the heap may grow before V8 looks through all of it. Buffers count as growth, and it is 30 % unless told otherwise: in a flood several
 * times a second. They lie outside the heap and have limits of their own, in the swarm; with 100 %, half as much again that nobody uses any
 * longer is left after a few large messages.
 */
const GROWTH = ['--heap-growing-percent=70']

/**
 * The same for V8 13, Node 24's. It looks through the young generation alone when the buffers in it have 128 MiB, which is never: it looks
 * through the whole heap before that (nodejs/node#61967), at each block of 1 MB, for half of all CPU that the block takes. Before V8 13 it
 * was 32 MiB. The first flag makes it 8, four times what it says, and with the second the buffers in use count for how much may come.
 * V8 14 does not know the first, and Node does not start then.
 */
const GROWTH_OF_V8_13 = [
  '--scavenger-max-new-space-capacity-mb=2',
  '--external-memory-accounted-in-global-limit',
  '--heap-growing-percent=50',
]

/**
 * V8 limits of the child. A small young generation saves most of what a flood of short-lived buffers would otherwise hold;
 * below 4 MiB it costs more CPU than it saves memory, because what is in use for some milliseconds is taken for old.
 *
 * @param v8 its version, as `process.versions` has it: the child runs the same
 */
export function swarmV8Flags(v8 = process.versions.v8): string[] {
  const growth = v8.startsWith('13.') ? GROWTH_OF_V8_13 : GROWTH
  return ['--max-semi-space-size=4', ...growth, `--max-old-space-size=${SWARM_HEAP_MIB}`]
}

/**
 * The native part of QUIC has a thread for each core unless told otherwise, and they mostly wake each other.
 *
 * glibc gives each thread a room of its own for what it allocates, 4 MiB more at rest. What is larger than a threshold it takes from the kernel by
 * itself, and raises the threshold to the size of each such piece that is freed, up to 32 MiB; all else lies in its heap, of which only the
 * end goes back, so that a flood's buffers stay. Each of the last two ends that: what has 64 KiB or more is the kernel's where no hole fits, and the end
 * goes back when it is over 4 MiB. With 32 KiB a block takes a seventh more CPU, and with 1 MiB a message a twentieth.
 *
 * Who sets one of these for the sidecar sets it for its swarms.
 */
export const SWARM_ENVIRONMENT = {
  TOKIO_WORKER_THREADS: '1',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(64 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(4 * BYTES_PER_MIB),
}

export interface SwarmProcessOptions {
  networkId: string
  swarm: SwarmOptions
  /** No message for this many seconds: the child is hung. Counted in checks that ran, so that a pause of this process is none of its. */
  silenceSeconds: number
  /** A swarm that is larger than this, as it says itself, for 5 s is started again, in MiB. Absent: however large. */
  memoryLimitMib?: number
}

/** Launches swarms of one network as child processes. */
export function swarmProcesses(options: SwarmProcessOptions): LaunchSwarm {
  return (listener, names) => new SwarmProcess(options, listener, names)
}

class SwarmProcess implements SwarmLife {
  readonly ended: Promise<SwarmEnd>
  readonly #options: SwarmProcessOptions
  readonly #listener: SwarmListener
  readonly #child: ChildProcess
  readonly #window: CommandWindow<Snapshot>
  readonly #watch: NodeJS.Timeout
  readonly #end = Promise.withResolvers<SwarmEnd>()
  readonly #totals = createTotalsMemory()
  #names: Names
  #started = false
  #ready = false
  #silentChecks = 0
  #residentMib = 0
  #largeChecks = 0
  #failure: SwarmEnd | undefined

  constructor(options: SwarmProcessOptions, listener: SwarmListener, names: Names) {
    this.#options = options
    this.#names = names
    this.#listener = listener
    this.ended = this.#end.promise
    const entry = childEntry('../swarm-main', import.meta.url)
    this.#child = fork(entry, [], {
      execArgv: [...swarmV8Flags(), ...confinedArguments(entry)],
      env: { ...SWARM_ENVIRONMENT, ...confinedEnvironment() },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const child = this.#child
    this.#window = new CommandWindow(COMMAND_CAPACITY, {
      get connected() {
        return child.connected
      },
      send: (command) => this.#send(command),
    })
    this.#watch = setInterval(() => this.#check(), CHECK_MS)
    child.on('message', (message) => this.#onMessage(message))
    child.on('exit', (code, signal) => this.#onExit(code, signal))
    child.on('error', (error) => this.#onError(error))
  }

  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    return this.#window.request((id) => ({ type: 'snapshot', id }), signal)
  }

  setNames(names: Names): void {
    this.#names = names
    // Before it is started they go with the start.
    if (this.#started) this.#send({ type: 'names', names: [...names] })
  }

  async stop(): Promise<void> {
    // Before it runs there is nothing to leave, and it would have to boot to hear of it.
    if (this.#ready) this.#send({ type: 'stop' })
    else this.#child.kill('SIGKILL')
    const left = await settleWithin(this.ended, STOP_DEADLINE_MS)
    if (!left) this.#child.kill('SIGKILL')
    await this.ended
  }

  #send(command: SwarmCommand): void {
    // What cannot be sent is settled by the exit that follows.
    if (this.#child.connected) this.#child.send(command, () => undefined)
  }

  #onMessage(message: unknown): void {
    // What it still says while it is being ended is not heard.
    if (this.#failure) return
    this.#silentChecks = 0
    try {
      this.#onReport(parseReport(message))
    } catch (error) {
      // A swarm that says what none can say is not to be relied on any more, whatever took hold of it.
      this.#failure ??= { reason: this.#ready ? 'exit' : 'start_failed', message: errorText(error) }
      this.#child.kill('SIGKILL')
    }
  }

  #onReport(report: SwarmReport): void {
    switch (report.type) {
      case 'booted':
        // Once: each answer holds all names, and waits in this process until the swarm reads it.
        if (this.#started) return
        this.#started = true
        this.#send({ type: 'start', ...this.#startOptions() })
        return
      case 'snapshot':
        this.#ready = true
        this.#onSnapshot({ ...report.snapshot, totals: this.#totals(report.snapshot.totals) }, report.id)
        return
      case 'warning':
        this.#listener.onWarning(report.message, report.suppressed)
        return
      case 'failed':
        this.#failure = { reason: this.#ready ? 'exit' : 'start_failed', message: report.message }
    }
  }

  #onSnapshot(snapshot: Snapshot, id: number | undefined): void {
    this.#residentMib = snapshot.usage.residentBytes / BYTES_PER_MIB
    this.#window.open()
    this.#listener.onSnapshot(snapshot)
    if (id !== undefined) this.#window.answer(id, snapshot)
  }

  #startOptions() {
    const { networkId, swarm } = this.#options
    return { networkId, options: swarm, names: [...this.#names] }
  }

  #check(): void {
    const { silenceSeconds } = this.#options
    this.#silentChecks += 1
    if (this.#silentChecks >= silenceSeconds) this.#kill('hung', `no sign of life for ${silenceSeconds} s`)
    else this.#checkMemory()
  }

  #checkMemory(): void {
    const { memoryLimitMib = Number.POSITIVE_INFINITY } = this.#options
    this.#largeChecks = this.#residentMib > memoryLimitMib ? this.#largeChecks + 1 : 0
    if (this.#largeChecks < LARGE_CHECKS) return
    const size = `${Math.round(this.#residentMib)} MiB of memory, more than ${memoryLimitMib}`
    this.#kill('memory', `it held ${size} for ${LARGE_CHECKS} s (swarm_memory_mib)`)
  }

  #kill(reason: RestartReason, message: string): void {
    this.#failure = { reason, message }
    this.#child.kill('SIGKILL')
  }

  #onError(error: Error): void {
    this.#failure ??= { reason: 'start_failed', message: errorText(error) }
    // Without a pid there will be no exit.
    if (this.#child.pid === undefined) this.#finish(this.#failure)
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#failure) this.#finish(this.#failure)
    else if (signal) this.#finish({ reason: 'killed', message: `the swarm process was ended by ${signal}` })
    else if (!this.#ready)
      this.#finish({ reason: 'start_failed', message: `the swarm process exited at start with code ${code}` })
    else this.#finish({ reason: 'exit', message: `the swarm process exited with code ${code}` })
  }

  #finish(end: SwarmEnd): void {
    clearInterval(this.#watch)
    this.#window.close()
    this.#end.resolve(end)
  }
}
