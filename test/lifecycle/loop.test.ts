import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pause, pauseUntilBeat, startLoop, untilBeat } from '../../src/lifecycle/loop.ts'

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

describe('the time until the next beat', () => {
  it('ends at a beat or less than a millisecond after it, and never twice at one for a timer that was early', () => {
    const times = fc.double({ min: 0, max: 1e7, noNaN: true })
    fc.assert(
      fc.property(times, fc.integer({ min: 10, max: 5000 }), (nowMs, ms) => {
        const wait = untilBeat(nowMs, ms)
        const phase = (nowMs + wait) % ms
        expect(Math.min(phase, ms - phase)).toBeLessThan(1.000001)
        expect(wait).toBeGreaterThan(1)
        expect(wait).toBeLessThanOrEqual(ms + 1)
      }),
    )
  })

  it('is the same beat for all who wait for it', () => {
    expect(1000 + untilBeat(1000, 700)).toBe(1400)
    expect(1399.5 + untilBeat(1399.5, 700)).toBe(2100.5)
    expect([1020, 1300.25, 1398].map((nowMs) => Math.floor(nowMs + untilBeat(nowMs, 700)))).toEqual([1400, 1400, 1400])
  })

  it('is waited for by several who began at different times, who go on in one turn of the event loop', async () => {
    const { signal } = new AbortController()
    let turn = 0
    const turns: number[] = []
    const wait = async () => {
      await pauseUntilBeat(2000, signal)
      turns.push(turn)
    }
    // Right after a beat there is time for both to begin before the next.
    await pauseUntilBeat(2000, signal)
    const first = wait()
    await pause(50, signal)
    const second = wait()
    const counting = setInterval(() => (turn += 1), 1)
    await Promise.all([first, second])
    clearInterval(counting)
    expect((turns[1] ?? 0) - (turns[0] ?? 0)).toBeLessThan(20)
  })
})
