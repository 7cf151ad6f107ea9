import { afterEach, describe, expect, it, vi } from 'vitest'
import { startUsageMeter, type UsageMeter } from '../../src/lifecycle/process-usage.ts'
import { block } from '../support/block.ts'

describe('usage meter', () => {
  let meter: UsageMeter | undefined
  afterEach(() => meter?.stop())

  it('tells CPU time as a total, and resident memory', () => {
    meter = startUsageMeter()
    const before = meter.read()
    block(30)
    expect(meter.read().cpuSeconds).toBeGreaterThan(before.cpuSeconds)
    expect(before.residentBytes).toBeGreaterThan(1e6)
    expect(before.eventLoopLagSeconds).toBe(0)
  })

  it('tells how late the event loop was in the last complete window, however often it is read', async () => {
    meter = startUsageMeter(300)
    const { read } = meter
    await vi.waitUntil(
      () => {
        block(150)
        const { eventLoopLagSeconds } = read()
        // That of a window that still runs gets smaller from one reading to the next.
        return eventLoopLagSeconds > 0.1 && read().eventLoopLagSeconds === eventLoopLagSeconds
      },
      { timeout: 5000, interval: 25 },
    )
    expect(read().eventLoopLagSeconds).toBeLessThan(5)
  })
})
