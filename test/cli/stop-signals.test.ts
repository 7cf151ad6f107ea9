import { afterEach, describe, expect, test, vi } from 'vitest'
import { stopSignals, type StopSignals } from '../../src/cli/stop-signals.ts'

describe('a signal to stop', () => {
  const exit = vi.fn<(code: number) => void>()
  let signals: StopSignals
  afterEach(() => {
    signals.dispose()
    exit.mockReset()
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks once; the second ends the process', async (signal) => {
    signals = stopSignals(exit)
    signals.ready()
    process.emit(signal, signal)
    await signals.asked
    expect(exit).not.toHaveBeenCalled()
    process.emit(signal, signal)
    expect(exit.mock.calls).toEqual([[{ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]]])
  })
})
