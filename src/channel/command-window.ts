import { raceAbort } from '../lifecycle/deadline.ts'
import type { DropReason } from '../mesh/network-state.ts'
import type { SwarmCommand } from './messages.ts'

/** A command that did not reach the swarm, and why. */
export class CommandDropped extends Error {
  readonly reason: DropReason

  constructor(reason: DropReason) {
    super(DROP_SENTENCES[reason])
    this.name = 'CommandDropped'
    this.reason = reason
  }
}

const DROP_SENTENCES: Record<DropReason, string> = {
  full: 'the swarm has not answered the commands before this one',
  closed: 'the channel to the swarm is closed',
  uninitialized: 'the swarm is not ready yet',
}

/** The far end, as far as sending goes. */
export interface CommandSink {
  readonly connected: boolean
  send(command: SwarmCommand): void
}

/**
 * A bounded queue of commands: those that were sent and not answered yet. It is counted here and not by what the pipe
 * accepted, because a stopped swarm's pipe swallows thousands of commands that nobody will read.
 */
export class CommandWindow<Answer> {
  readonly #capacity: number
  readonly #sink: CommandSink
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #nextId = 0
  #ready = false

  constructor(capacity: number, sink: CommandSink) {
    this.#capacity = capacity
    this.#sink = sink
  }

  /** From now on commands are sent. */
  open(): void {
    this.#ready = true
  }

  /**
   * Sends a command and waits for its answer. After `signal` aborts nobody waits for it, yet it takes its place in the
   * window until it is answered.
   *
   * @throws CommandDropped when it was not sent; the signal's reason when no answer came in time
   */
  async request(create: (id: number) => SwarmCommand, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    if (!this.#sink.connected) throw new CommandDropped('closed')
    if (!this.#ready) throw new CommandDropped('uninitialized')
    if (this.#waiting.size >= this.#capacity) throw new CommandDropped('full')
    const id = this.#nextId++
    const waiting = Promise.withResolvers<Answer>()
    // Rejected by close() when nobody may be waiting any more.
    waiting.promise.catch(() => undefined)
    this.#waiting.set(id, waiting)
    this.#sink.send(create(id))
    return raceAbort(waiting.promise, signal)
  }

  answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.resolve(answer)
    this.#waiting.delete(id)
  }

  /** The swarm is gone: nothing that was sent will be answered. */
  close(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new CommandDropped('closed'))
    this.#waiting.clear()
  }
}
