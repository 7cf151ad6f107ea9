import { describe, expect, it } from 'vitest'
import { createParts, type Part } from '../../src/lifecycle/parts.ts'

function setup() {
  const calls: string[] = []
  const failures: string[] = []
  const part = (name: string, overrides: Partial<Part> = {}): Part => ({
    name,
    start: async () => void calls.push(`start ${name}`),
    stop: async () => void calls.push(`stop ${name}`),
    ...overrides,
  })
  const options = {
    stopDeadlineMs: 50,
    onStopFailure: (name: string, reason: string) => void failures.push(`${name}: ${reason}`),
  }
  return { calls, failures, part, options }
}

describe('parts', () => {
  it('start in order and stop in reverse', async () => {
    const { calls, part, options } = setup()
    const parts = createParts([part('a'), part('b'), part('c')], options)
    await parts.start()
    await parts.stop()
    expect(calls).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
  })

  it('are all stopped when one does not start, and its error is thrown', async () => {
    const { calls, part, options } = setup()
    const broken = part('b', { start: () => Promise.reject(new Error('port in use')) })
    const parts = createParts([part('a'), broken, part('c')], options)
    await expect(parts.start()).rejects.toThrow('port in use')
    expect(calls).toEqual(['start a', 'stop c', 'stop b', 'stop a'])
  })

  it('stop although one hangs and another fails; both are told', async () => {
    const { calls, failures, part, options } = setup()
    const hanging = part('b', { stop: () => new Promise(() => undefined) })
    const failing = part('c', { stop: () => Promise.reject(new Error('broken pipe')) })
    const parts = createParts([part('a'), hanging, failing], options)
    await parts.start()
    await parts.stop()
    expect(failures).toEqual(['c: broken pipe', 'b: did not stop within 50 ms'])
    expect(calls.at(-1)).toBe('stop a')
  })

  it('stop once, however often it is asked', async () => {
    const { calls, part, options } = setup()
    const parts = createParts([part('a')], options)
    await parts.start()
    await Promise.all([parts.stop(), parts.stop()])
    await parts.stop()
    expect(calls).toEqual(['start a', 'stop a'])
  })

  it('do not start any further once they are stopped', async () => {
    const { calls, part, options } = setup()
    const starting = Promise.withResolvers<void>()
    const parts = createParts([part('a', { start: () => starting.promise }), part('b')], options)
    const started = parts.start()
    await parts.stop()
    starting.resolve()
    await started
    expect(calls).toEqual(['stop b', 'stop a'])
  })
})
