import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface LoggedCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const START_TIMEOUT_MS = 20_000
const STOP_DEADLINE_MS = 5_000
const KEPT_LINES = 40
/**
 * The program does not read its standard input, so it would outlive a test runner that is killed. The shell becomes the program (the pid
 * stays), and what it leaves behind kills that pid when standard input ends without a word.
 */
export const ENDS_WITH_THE_TEST =
  'exec 3<&0; (read -r _ <&3 || kill -KILL $$) </dev/null >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'

/** A program that logs to standard error and says there when it is ready. It is always ended by its own pid. */
export class LoggedProcess {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #closed = Promise.withResolvers<string>()

  constructor(name: string, { program, args, env = {} }: LoggedCommand) {
    this.#name = name
    this.#child = spawn('/bin/sh', ['-c', ENDS_WITH_THE_TEST, 'sh', program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.once('error', (error) => this.#closed.resolve(`could not run: ${error.message}`))
    this.#child.once('close', (code, signal) => this.#closed.resolve(`ended with ${signal ?? `code ${code}`}`))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Fulfils at the first line of the log for which `isReady` is true; it is asked for every line. */
  async ready(isReady: (line: string) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const fail = (why: string): void => reject(new Error([`${this.#name} ${why}`, ...this.#lines].join('\n  ')))
    if (this.#child.stderr !== null)
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        this.#lines.push(line)
        if (this.#lines.length > KEPT_LINES) this.#lines.shift()
        if (isReady(line)) resolve()
      })
    const timer = setTimeout(() => fail(`was not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
    void this.#closed.promise.then(fail)
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Safe to call twice. After 5 s it is killed. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await this.#closed.promise
    clearTimeout(timer)
    this.#child.stdin?.end('stopped\n')
  }
}
