import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { limitWarnings } from '../../src/channel/warning-limit.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a flood of warnings is told once a second, and each of them is counted', async () => {
  const told: [message: string, suppressed: number][] = []
  const warn = limitWarnings((message, suppressed) => told.push([message, suppressed]))
  for (let index = 0; index < 1000; index++) warn(`warning ${index}`)
  expect(told).toEqual([['warning 0', 0]])
  await vi.advanceTimersByTimeAsync(1000)
  expect(told).toEqual([
    ['warning 0', 0],
    ['warning 999', 998],
  ])
  warn('one more')
  await vi.advanceTimersByTimeAsync(999)
  expect(told).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(told.at(-1)).toEqual(['one more', 0])
  await vi.advanceTimersByTimeAsync(5000)
  warn('much later')
  expect(told).toHaveLength(4)
  expect(told.at(-1)).toEqual(['much later', 0])
})
