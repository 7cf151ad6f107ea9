/** Rejects at the deadline if `work` has not settled by then. Its timer ends with it. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number | undefined, what: string): Promise<T> {
  if (deadlineMs === undefined) return work
  const { promise: missed, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${deadlineMs} ms`)), deadlineMs)
  try {
    return await Promise.race([work, missed])
  } finally {
    clearTimeout(timer)
  }
}
