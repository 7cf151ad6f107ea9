/** So many at once, and one more each interval. */
export interface Bucket {
  /** Takes one; false when there is none. */
  take(): boolean
  /** Gives one back. */
  giveBack(): void
  isFull(): boolean
}

export interface BucketOptions {
  burst: number
  intervalMs: number
}

export function createBucket({ burst, intervalMs }: BucketOptions, nowMs: () => number): Bucket {
  let tokens = burst
  let filledAtMs = nowMs()
  const fill = (): void => {
    const now = nowMs()
    tokens = Math.min(burst, tokens + (now - filledAtMs) / intervalMs)
    filledAtMs = now
  }
  return {
    take() {
      fill()
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    giveBack: () => void (tokens = Math.min(burst, tokens + 1)),
    isFull() {
      fill()
      return tokens >= burst
    },
  }
}
