const INTERVAL_MS = 1000

/**
 * Passes on at most one warning a second, the first at once, so that a fault that repeats does not fill the channel and
 * the log. None is lost to the count: the last of an interval is told at its end, with the number of those before it.
 */
export function limitWarnings(tell: (message: string, suppressed: number) => void): (message: string) => void {
  let isClosed = false
  let waiting: string | undefined
  let suppressed = 0
  const pass = (message: string) => {
    tell(message, suppressed)
    waiting = undefined
    suppressed = 0
    isClosed = true
    setTimeout(open, INTERVAL_MS).unref()
  }
  const open = () => {
    isClosed = false
    if (waiting !== undefined) pass(waiting)
  }
  return (message) => {
    if (!isClosed) return pass(message)
    if (waiting !== undefined) suppressed += 1
    waiting = message
  }
}
