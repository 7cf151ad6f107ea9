import { afterEach, describe, expect, it, vi } from 'vitest'
import { startUsageMeter, type UsageMeter } from '../../src/lifecycle/process-usage.ts'

/** Blocks the event loop on purpose. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

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
        return read().eventLoopLagSeconds > 0.04
      },
      { timeout: 5000, interval: 25 },
    )
    expect(read().eventLoopLagSeconds).toBe(read().eventLoopLagSeconds)
    expect(read().eventLoopLagSeconds).toBeLessThan(5)
  })
})
