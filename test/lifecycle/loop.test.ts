import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pause, startLoop } from '../../src/lifecycle/loop.ts'

describe('loop', () => {
  it('goes on after a round that throws, tells of it, and does not spin', async () => {
    const startedAt = performance.now()
    const errors: unknown[] = []
    const reached = Promise.withResolvers<void>()
    let rounds = 0
    const loop = startLoop(
      async (signal) => {
        rounds += 1
        if (rounds <= 2) throw new Error(`round ${rounds}`)
        reached.resolve()
        await pause(60_000, signal)
      },
      (error) => errors.push(error),
    )
    await reached.promise
    await loop.stop()
    expect(errors).toEqual([new Error('round 1'), new Error('round 2')])
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190)
  })

  it('stops during a round: the round sees the signal, and the stop waits for it', async () => {
    const order: string[] = []
    const loop = startLoop(
      async (signal) => {
        await pause(60_000, signal)
        order.push('round ended')
      },
      () => undefined,
    )
    await loop.stop().then(() => order.push('stopped'))
    expect(order).toEqual(['round ended', 'stopped'])
  })

  it('reports nothing of a round that fails because it was stopped, and stops twice', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const loop = startLoop(async (signal) => {
      await pause(60_000, signal)
      signal.throwIfAborted()
    }, onError)
    await Promise.all([loop.stop(), loop.stop()])
    expect(onError).not.toHaveBeenCalled()
  })
})

describe('pause', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('resolves at once when its signal has aborted, or aborts', async () => {
    await pause(60_000, AbortSignal.abort())
    const controller = new AbortController()
    const paused = pause(60_000, controller.signal)
    controller.abort()
    await paused
  })
})
