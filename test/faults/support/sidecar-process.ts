/** `leanmesh run` as a process of its own, which a test may treat badly. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { childPids, isRunning } from '../../support/child-processes.ts'
import '../../support/compile-cache.ts'
import { freePort } from '../../support/free-port.ts'
import { ENDS_WITH_THE_TEST } from '../../support/logged-process.ts'

export interface SidecarCommand {
  /** After `leanmesh run`. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A program that becomes the sidecar, as `prlimit --nofile=64`. */
  readonly wrapper?: readonly string[]
  /** A file that takes both output streams instead of the test. */
  readonly outputFile?: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')
/** The limits that the image sets, so that memory is what it is there, and what lets a test in. */
const NODE_ARGUMENTS = [
  '--max-old-space-size=96',
  '--max-semi-space-size=1',
  '--import',
  join(import.meta.dirname, 'inside-sidecar.ts'),
]
const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 10_000
const POLL_MS = 50
const KEPT_LINES = 5000

export class SidecarProcess implements AsyncDisposable {
  readonly url: string
  /** Its log, a JSON object a line. */
  readonly log: string[] = []
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess

  private constructor(port: number, { args, env = {}, wrapper = [], outputFile }: SidecarCommand) {
    this.url = `http://127.0.0.1:${port}/`
    const run = [
      process.execPath,
      ...NODE_ARGUMENTS,
      MAIN,
      'run',
      '--http-port',
      String(port),
      '--log-format',
      'json',
      ...args,
    ]
    const fd = outputFile === undefined ? undefined : openSync(outputFile, 'w')
    this.#child = spawn('/bin/sh', ['-c', ENDS_WITH_THE_TEST, 'sh', ...wrapper, ...run], {
      env: { ...process.env, ...env },
      stdio: ['pipe', fd ?? 'ignore', fd ?? 'pipe'],
    })
    if (fd !== undefined) closeSync(fd)
    this.#child.stdin?.on('error', () => undefined)
    if (this.#child.stderr) createInterface({ input: this.#child.stderr }).on('line', (line) => this.#keep(line))
    this.ended = new Promise((resolve) => this.#child.once('exit', (code, signal) => resolve({ code, signal })))
  }

  /** Does not wait for anything. */
  static async spawn(command: SidecarCommand): Promise<SidecarProcess> {
    return new SidecarProcess(await freePort(), command)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Those that run now; none for a moment while a swarm is started again. */
  swarmPids(): number[] {
    return childPids(this.pid).filter((pid) => commandOf(pid).includes('swarm-main'))
  }

  /** The one swarm, as soon as there is one. */
  async swarmPid(timeoutMs = START_TIMEOUT_MS): Promise<number> {
    return await until('a swarm', () => this.swarmPids()[0], timeoutMs)
  }

  async serving(): Promise<void> {
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`leanmesh run ended with ${signal ?? `code ${code}`}:\n${this.log.join('\n')}`)
    })
    const served = until('an answer of /readyz', () => answers(new URL('readyz', this.url)), START_TIMEOUT_MS)
    await Promise.race([served, ended])
  }

  /** Whether a line of the log has this text. */
  hasLogged(text: string): boolean {
    return this.log.some((line) => line.includes(text))
  }

  async untilLogged(text: string, timeoutMs = 5000): Promise<void> {
    await until(`a line of the log with "${text}"`, () => this.hasLogged(text) || undefined, timeoutMs)
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** Asks it to stop, and kills what does not. Safe to call twice, and after its end. */
  async stop(): Promise<Ended> {
    const swarms = this.swarmPids()
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    const ended = await this.ended
    clearTimeout(timer)
    this.#child.stdin?.end('stopped\n')
    // A swarm that a test has stopped hears nothing of the end of its parent.
    for (const pid of swarms) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    return ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #keep(line: string): void {
    this.log.push(line)
    if (this.log.length > KEPT_LINES) this.log.shift()
  }
}

/** The first value that is not undefined. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`there was not ${what} within ${timeoutMs} ms`)
    await delay(POLL_MS)
  }
}

async function answers(url: URL): Promise<true | undefined> {
  return await fetch(url).then(
    ({ ok }) => (ok ? true : undefined),
    () => undefined,
  )
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
