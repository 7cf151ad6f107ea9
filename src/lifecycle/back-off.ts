export interface BackOffOptions {
  /** First delay, milliseconds. */
  initialMs: number
  /** Longest delay, milliseconds, jitter included. */
  maxMs: number
  /** Part of each delay that is random, 0 to 1: the delay lies between `(1 - jitter) * d` and `d`. */
  jitter: number
}

export interface BackOff {
  /** The delay before the next try, in milliseconds; doubles with each call up to the maximum. */
  next(): number
  reset(): void
}

/** Exponential back-off, factor 2, with jitter. Never gives up: that is for the caller to decide. */
export function createBackOff(options: BackOffOptions, random: () => number = Math.random): BackOff {
  let full = options.initialMs
  return {
    next() {
      const delay = full * (1 - options.jitter * random())
      full = Math.min(full * 2, options.maxMs)
      return delay
    },
    reset() {
      full = options.initialMs
    },
  }
}
