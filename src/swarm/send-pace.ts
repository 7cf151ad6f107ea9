/** So many times what comes one after the other is not made to wait: a peer that joins is told of us, and grafted, at once. */
const BURST = 8

/**
 * When to send: at the end of this turn of the event loop, or in a moment, together with all else that comes until then; in a flood on
 * average once in `paceMs`.
 *
 * @param paceMs what a message may wait at most for the pace, in milliseconds, above 0
 * @param send what is done when it is due, once however often it was asked for
 * @returns what asks for it, in so many milliseconds at the earliest
 */
export function createPace(paceMs: number, send: () => void): (graceMs: number) => void {
  let cancel: (() => void) | undefined
  let dueAt = 0
  let credit = BURST
  let countedAt = performance.now()
  const count = (now: number) => {
    credit = Math.min(BURST, credit + (now - countedAt) / paceMs)
    countedAt = now
  }
  const sendAll = () => {
    count(performance.now())
    credit -= 1
    cancel = undefined
    send()
  }
  return (graceMs) => {
    const now = performance.now()
    if (cancel && dueAt <= now + graceMs) return
    count(now)
    const waitMs = Math.max(graceMs, (1 - credit) * paceMs)
    if (cancel && dueAt <= now + waitMs) return
    cancel?.()
    dueAt = now + waitMs
    cancel = waitMs > 0 ? after(waitMs, sendAll) : atEndOfTurn(sendAll)
  }
}

function after(waitMs: number, run: () => void): () => void {
  const timer = setTimeout(run, waitMs)
  return () => clearTimeout(timer)
}

function atEndOfTurn(run: () => void): () => void {
  const immediate = setImmediate(run)
  return () => clearImmediate(immediate)
}
