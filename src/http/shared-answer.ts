import type { Answer } from './answer.ts'

/** An answer is kept this many times as long as it took to make. */
const REST = 10
const MAX_REST_MS = 1000

/**
 * An answer that takes the event loop's time to make: one at a time for all who ask, and no more than a tenth of the time.
 * So many open pages cannot hold up a scrape. What is cheap to make is kept for an instant only.
 */
export function sharedAnswer(make: () => Promise<Answer>): () => Promise<Answer> {
  let shared: Promise<Answer> | undefined
  const forget = () => void (shared = undefined)
  return async () => {
    if (!shared) {
      const startedAt = performance.now()
      shared = make()
      shared.then(
        () => setTimeout(forget, Math.min(MAX_REST_MS, REST * (performance.now() - startedAt))).unref(),
        forget,
      )
    }
    return shared
  }
}
