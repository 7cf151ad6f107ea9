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
