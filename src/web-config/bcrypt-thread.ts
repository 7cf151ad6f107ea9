import { Worker } from 'node:worker_threads'
import { childEntry } from '../lifecycle/child-entry.ts'

export interface Comparison {
  id: number
  password: string
  hash: string
}

/** Compares passwords with bcrypt hashes, one after the other, in a thread of its own. */
export interface BcryptThread {
  /** Comparisons that wait or are under way. */
  readonly waiting: number
  /** Rejects when the thread ends before it is done. */
  compare(password: string, hash: string): Promise<boolean>
  stop(): Promise<void>
}

/** A thread costs some 10 MiB, and a comparison is seldom: what was right is remembered. */
const IDLE_MS = 5_000
const ENDED = 'the thread that compares passwords ended'
const THREAD = childEntry('./bcrypt-worker', import.meta.url)
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 }

/**
 * In a thread because one comparison computes for 80 ms at cost 10 and for more than a second at cost 14: on the event loop
 * a few wrong passwords would hold up every scrape.
 */
export function createBcryptThread(): BcryptThread {
  const pending = new Map<number, PromiseWithResolvers<boolean>>()
  let lastId = 0
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  function launch(): Worker {
    const launched = new Worker(THREAD, { resourceLimits: LIMITS, stdin: false, env: {} })
    launched.on('message', ({ id, isRight }: { id: number; isRight: boolean }) => {
      pending.get(id)?.resolve(isRight)
      pending.delete(id)
      if (pending.size === 0) idle = setTimeout(() => void stop(), IDLE_MS).unref()
    })
    const fail = (error: Error) => {
      if (worker !== launched) return
      worker = undefined
      for (const { reject } of pending.values()) reject(error)
      pending.clear()
    }
    launched.on('error', fail)
    launched.on('exit', () => fail(new Error(ENDED)))
    launched.unref()
    return launched
  }

  async function stop(): Promise<void> {
    clearTimeout(idle)
    const ending = worker
    // What is asked from now on goes to another one.
    worker = undefined
    for (const { reject } of pending.values()) reject(new Error(ENDED))
    pending.clear()
    await ending?.terminate()
  }

  return {
    get waiting() {
      return pending.size
    },
    async compare(password, hash) {
      clearTimeout(idle)
      worker ??= launch()
      const comparison: Comparison = { id: (lastId += 1), password, hash }
      const answer = Promise.withResolvers<boolean>()
      pending.set(comparison.id, answer)
      worker.postMessage(comparison, [])
      return answer.promise
    },
    stop,
  }
}
