import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startTestSwarm } from '../support/test-swarm.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

it('a swarm pushes a snapshot when none was taken for a second, and none while it is asked for them', async () => {
  await using one = await startTestSwarm()
  const before = one.pushes()
  for (let asked = 0; asked < 10; asked++) {
    vi.advanceTimersByTime(500)
    one.swarm.snapshot()
  }
  expect(one.pushes()).toBe(before)
  vi.advanceTimersByTime(1000)
  expect(one.pushes()).toBe(before + 1)
  vi.advanceTimersByTime(2000)
  expect(one.pushes()).toBe(before + 3)
})

it('a swarm that was stopped pushes no more, also when it is asked for a snapshot', async () => {
  const one = await startTestSwarm()
  await one.swarm.stop()
  const before = one.pushes()
  one.swarm.snapshot()
  vi.advanceTimersByTime(5000)
  expect(one.pushes()).toBe(before)
})
