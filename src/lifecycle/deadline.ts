/** Waits for `work`, at most `ms` milliseconds. True when it fulfilled in time; its rejection is passed on. */
export async function settleWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([work.then(() => true), deadline])
  } finally {
    clearTimeout(timer)
    // After the deadline nobody waits any more: a late rejection must not become an unhandled one.
    work.catch(() => undefined)
  }
}

/**
 * Waits for `work`, which takes no signal of its own, until `signal` aborts.
 *
 * @throws what `work` rejects with, or the signal's reason
 */
export async function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // After the abort nobody waits any more: a late rejection must not become an unhandled one.
    work.catch(() => undefined)
  }
}
