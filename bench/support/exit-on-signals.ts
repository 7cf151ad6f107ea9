/** A bench that is ended from outside comes to no end of its own, but to its `exit`. */
export function exitOnSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
}
