/** So many times what comes one after the other is not made to wait: a peer that joins is told of us, and grafted, at once. */
const BURST = 8

/** How soon is at once, in milliseconds: what neighbours say of the same message in this time saves sending it to them. */
const GRACE_MS = 2

/**
 * When to send: in a moment, together with all else that comes until then; in a flood on average once in `paceMs`.
 *
 * @param paceMs what a message may wait at most, in milliseconds, above the 2 that it always waits
 * @param send what is done when it is due, once however often it was asked for
 * @returns what asks for it
 */
export function createPace(paceMs: number, send: () => void): () => void {
  let isAsked = false
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
    isAsked = false
    send()
  }
  return () => {
    if (isAsked) return
    isAsked = true
    count()
    setTimeout(sendAll, Math.max(GRACE_MS, (1 - credit) * paceMs))
  }
}
