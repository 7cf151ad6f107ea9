/** Calls what it is given when it is due, each once, in the order that it came. */
export type WhenDue = (send: () => void) => void

/**
 * When to send: at the end of this turn of the event loop, together with all else that this turn has to send; in a flood at
 * most once in `paceMs`, however many turns there are.
 *
 * @param paceMs what a message may wait at most, in milliseconds; one that comes after a pause waits for nothing
 */
export function createPace(paceMs: number): WhenDue {
  let due: (() => void)[] = []
  let sentAt = -Infinity
  const sendAll = () => {
    sentAt = performance.now()
    const sends = due
    due = []
    for (const send of sends) send()
  }
  return (send) => {
    due.push(send)
    if (due.length > 1) return
    const leftMs = sentAt + paceMs - performance.now()
    if (leftMs > 0) setTimeout(sendAll, leftMs)
    else setImmediate(sendAll)
  }
}
