/** Calls what it is given when it is due, each once, in the order that it came. */
export type WhenDue = (send: () => void) => void

/** So many times what comes one after the other is not made to wait: a peer that joins is told of us, and grafted, at once. */
const BURST = 8

/**
 * When to send: at the end of this turn of the event loop, together with all else that this turn has to send; in a flood on
 * average once in `paceMs`, however many turns there are.
 *
 * @param paceMs what a message may wait at most, in milliseconds, above 0
 */
export function createPace(paceMs: number): WhenDue {
  let due: (() => void)[] = []
  let credit = BURST
  let countedAt = performance.now()
  const count = () => {
    const now = performance.now()
    credit = Math.min(BURST, credit + (now - countedAt) / paceMs)
    countedAt = now
  }
  const sendAll = () => {
    count()
    credit -= 1
    const sends = due
    due = []
    for (const send of sends) send()
  }
  return (send) => {
    due.push(send)
    if (due.length > 1) return
    count()
    if (credit < 1) setTimeout(sendAll, (1 - credit) * paceMs)
    else setImmediate(sendAll)
  }
}
