const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
type StopSignal = keyof typeof SIGNALS

/** Exit code of a process that a signal ended, as shells count it. */
function exitCode(signal: StopSignal): number {
  return 128 + SIGNALS[signal]
}

export interface StopSignals {
  /** Fulfils at the first signal after `ready`. */
  readonly asked: Promise<void>
  /** From now on the first signal asks to stop; before, and at a second one, the process ends at once. */
  ready(): void
  dispose(): void
}

/** Turns Ctrl-C, SIGTERM and the end of the terminal into one request to stop. The children end with this process, however it ends. */
export function stopSignals(exit: (code: number) => void): StopSignals {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isReady = false
  let isAsked = false
  const onSignal = (signal: StopSignal) => {
    if (!isReady || isAsked) exit(exitCode(signal))
    isAsked = true
    resolve()
  }
  for (const signal of Object.keys(SIGNALS) as StopSignal[]) process.on(signal, onSignal)
  return {
    asked: promise,
    ready() {
      isReady = true
    },
    dispose() {
      for (const signal of Object.keys(SIGNALS) as StopSignal[]) process.off(signal, onSignal)
    },
  }
}
