import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface JsonLinesEvent {
  readonly event: string
}

export interface JsonLinesCommand {
  readonly program: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface WaitOptions {
  readonly timeoutMs?: number
  /** Only events after this `mark()`; by default all that are still kept. */
  readonly after?: number
}

interface Waiter<E> {
  readonly offer: (event: E) => void
  readonly fail: (why: string) => void
}

const DEFAULT_TIMEOUT_MS = 20_000
const STOP_DEADLINE_MS = 5_000
const KEPT_EVENTS = 5_000
const KEPT_ERROR_LINES = 40
const SHOWN_EVENTS = 8
const SHOWN_CHARACTERS = 600

/** A child process that prints one JSON object a line, and reads them. It is always ended by its own pid. */
export class JsonLinesProcess<E extends JsonLinesEvent> {
  readonly name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiters = new Set<Waiter<E>>()
  readonly #events: E[] = []
  readonly #errorLines: string[] = []
  readonly #closed = Promise.withResolvers<void>()
  #dropped = 0
  #ended: string | undefined

  /** `onEvent` sees each event before whoever waits for it. */
  constructor(name: string, { program, args = [], env = {} }: JsonLinesCommand, onEvent?: (event: E) => void) {
    this.name = name
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#onLine(line, onEvent))
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.#keepErrorLine(line))
    // Writing to a child that has just ended is no error of the test: whoever waits for an answer hears of it.
    this.#child.stdin.on('error', () => {})
    this.#child.once('error', (error) => this.#end(`could not run: ${error.message}`))
    this.#child.once('close', (code, signal) => this.#end(`ended with ${signal ?? `code ${code}`}`))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get exitCode(): number | null {
    return this.#child.exitCode
  }

  /** How many events there were; for `after`. */
  mark(): number {
    return this.#dropped + this.#events.length
  }

  send(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** The first event that satisfies the predicate, past or future. Fails when the process ends or time is up. */
  async waitFor<T extends E>(predicate: (event: E) => event is T, options?: WaitOptions): Promise<T>
  async waitFor(predicate: (event: E) => boolean, options?: WaitOptions): Promise<E>
  async waitFor(predicate: (event: E) => boolean, { timeoutMs = DEFAULT_TIMEOUT_MS, after = 0 }: WaitOptions = {}) {
    const past = this.#events.slice(Math.max(0, after - this.#dropped)).find((event) => predicate(event))
    if (past !== undefined) return past
    if (this.#ended !== undefined) throw this.#error(this.#ended)
    const { promise, resolve, reject } = Promise.withResolvers<E>()
    const fail = (why: string): void => reject(this.#error(why))
    const waiter = { fail, offer: (event: E) => offer(event, predicate, resolve, reject) }
    const timer = setTimeout(() => fail(`nothing within ${timeoutMs} ms satisfied ${String(predicate)}`), timeoutMs)
    this.#waiters.add(waiter)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  /** The first answer to a command. */
  async request<T extends E>(command: object, isAnswer: (event: E) => event is T, timeoutMs?: number): Promise<T> {
    const after = this.mark()
    this.send(command)
    return await this.waitFor(isAnswer, timeoutMs === undefined ? { after } : { after, timeoutMs })
  }

  /** Asks it to quit, and kills it when it has not by the deadline. Safe to call twice. */
  async stop(deadlineMs = STOP_DEADLINE_MS): Promise<void> {
    if (this.#ended === undefined) {
      this.send({ do: 'quit' })
      this.#child.stdin.end()
    }
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), deadlineMs)
    await this.#closed.promise
    clearTimeout(timer)
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal)
    await this.#closed.promise
  }

  /** For signals that do not end it, as SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #onLine(line: string, onEvent: ((event: E) => void) | undefined): void {
    let event: E
    try {
      event = JSON.parse(line) as E
    } catch {
      this.#keepErrorLine(`not JSON on standard output: ${line}`)
      return
    }
    this.#events.push(event)
    if (this.#events.length > KEPT_EVENTS) this.#dropped += this.#events.splice(0, KEPT_EVENTS / 2).length
    onEvent?.(event)
    for (const waiter of this.#waiters) waiter.offer(event)
  }

  #keepErrorLine(line: string): void {
    this.#errorLines.push(line)
    if (this.#errorLines.length > KEPT_ERROR_LINES) this.#errorLines.shift()
  }

  #end(how: string): void {
    this.#ended ??= how
    for (const waiter of this.#waiters) waiter.fail(this.#ended)
    this.#closed.resolve()
  }

  #error(why: string): Error {
    const events = this.#events.slice(-SHOWN_EVENTS).map((event) => JSON.stringify(event).slice(0, SHOWN_CHARACTERS))
    const parts = [`${this.name}: ${why}`, 'last events:', ...events, 'standard error:', ...this.#errorLines]
    return new Error(parts.join('\n  '))
  }
}

/** A predicate that throws fails the wait, not the process's reader. */
function offer<E>(event: E, predicate: (event: E) => boolean, yes: (event: E) => void, no: (error: unknown) => void) {
  try {
    if (predicate(event)) yes(event)
  } catch (error) {
    no(error)
  }
}
