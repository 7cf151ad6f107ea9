import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endWhenSilent } from '../../src/swarm/mend-silent-yamux.ts'

class Connection extends EventTarget {
  error: Error | undefined

  abort(error: Error): void {
    this.error = error
    this.dispatchEvent(new Event('close'))
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a connection over which nothing comes ends as one that timed out, after 20 s and no later than 25 s', async () => {
  const connection = new Connection()
  const ping = vi.fn(() => new Promise(() => undefined))
  endWhenSilent({ ping, onData: () => undefined }, connection)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(connection.error).toBeUndefined()
  await vi.advanceTimersByTimeAsync(5000)
  expect(connection.error).toMatchObject({ name: 'TimeoutError', message: 'nothing came for 20 s' })
  expect(ping).toHaveBeenCalledTimes(4)
  expect(vi.getTimerCount()).toBe(0)
})

test('anything that comes keeps it, and a ping that fails does not end it', async () => {
  const connection = new Connection()
  const came: unknown[] = []
  const muxer = { ping: () => Promise.reject(new Error('closed')), onData: (data: unknown) => void came.push(data) }
  endWhenSilent(muxer, connection)
  for (let second = 0; second < 120; second += 15) {
    await vi.advanceTimersByTimeAsync(15_000)
    muxer.onData(second)
  }
  expect(connection.error).toBeUndefined()
  expect(came).toEqual([0, 15, 30, 45, 60, 75, 90, 105])
  connection.dispatchEvent(new Event('close'))
  expect(vi.getTimerCount()).toBe(0)
})
