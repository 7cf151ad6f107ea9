import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
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

  it('tells how late the event loop was', async () => {
    meter = startUsageMeter()
    block(300)
    await nextTurn()
    expect(meter.read().eventLoopLagSeconds).toBeGreaterThan(0.19)
  })
})
