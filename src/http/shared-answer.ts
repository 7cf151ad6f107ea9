import type { Answer } from './answer.ts'

/** An answer is kept this many times as long as it took to make. */
const REST = 20
/** As often as an open page asks. */
const MAX_REST_MS = 5000

/**
 * An answer that takes the event loop's time to make: one at a time for all who ask, and at most a twentieth of the
 * time while making one takes less than 250 ms. So many open pages cannot hold up a scrape. What is cheap to make is kept for an instant only.
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
