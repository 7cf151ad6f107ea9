import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { settleWithin } from '../../src/lifecycle/deadline.ts'

describe('settleWithin', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is true when the work ends in time, and leaves no timer', async () => {
    expect(await settleWithin(Promise.resolve(), 1000)).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('passes a rejection on, and leaves no timer', async () => {
    await expect(settleWithin(Promise.reject(new Error('broken')), 1000)).rejects.toThrow('broken')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is false at the deadline, and a later rejection harms nobody', async () => {
    const unhandled = vi.fn<(error: unknown) => void>()
    process.on('unhandledRejection', unhandled)
    const work = Promise.withResolvers<void>()
    const settled = settleWithin(work.promise, 1000)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await settled).toBe(false)
    work.reject(new Error('too late'))
    vi.useRealTimers()
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})
