import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSilenceWatch } from '../../src/swarm/mend-silent-yamux.ts'

class Connection extends EventTarget {
  error: Error | undefined

  abort(error: Error): void {
    this.error = error
    this.dispatchEvent(new Event('close'))
  }
}

const silent = () => ({ ping: vi.fn(() => new Promise(() => undefined)), onData: (_data: unknown) => undefined })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a connection over which nothing comes ends as one that timed out, after 20 s and no later than 25 s', async () => {
  const connection = new Connection()
  const muxer = silent()
  createSilenceWatch()(muxer, connection)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(connection.error).toBeUndefined()
  await vi.advanceTimersByTimeAsync(5000)
  expect(connection.error).toMatchObject({ name: 'TimeoutError', message: 'nothing came for 20 s' })
  expect(muxer.ping).toHaveBeenCalledTimes(3)
  expect(vi.getTimerCount()).toBe(0)
})

test('each connection has its own 20 s, whenever it came to those that are looked at already', async () => {
  const [first, second] = [new Connection(), new Connection()]
  const endWhenSilent = createSilenceWatch()
  endWhenSilent(silent(), first)
  await vi.advanceTimersByTimeAsync(7000)
  endWhenSilent(silent(), second)
  await vi.advanceTimersByTimeAsync(18_000)
  expect([first.error !== undefined, second.error !== undefined]).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(2000)
  expect(second.error).toBeUndefined()
  await vi.advanceTimersByTimeAsync(5000)
  expect(second.error).toMatchObject({ name: 'TimeoutError' })
  expect(vi.getTimerCount()).toBe(0)
})

test('anything that comes keeps it, and a ping that fails does not end it', async () => {
  const connection = new Connection()
  const came: unknown[] = []
  const muxer = { ping: () => Promise.reject(new Error('closed')), onData: (data: unknown) => void came.push(data) }
  createSilenceWatch()(muxer, connection)
  for (let second = 0; second < 120; second += 15) {
    await vi.advanceTimersByTimeAsync(15_000)
    muxer.onData(second)
  }
  expect(connection.error).toBeUndefined()
  expect(came).toEqual([0, 15, 30, 45, 60, 75, 90, 105])
  connection.dispatchEvent(new Event('close'))
  expect(vi.getTimerCount()).toBe(0)
})

test('who said something since the last look is not pinged', async () => {
  const muxer = silent()
  createSilenceWatch()(muxer, new Connection())
  for (let second = 0; second < 60; second += 5) {
    muxer.onData(second)
    await vi.advanceTimersByTimeAsync(5000)
  }
  expect(muxer.ping).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(5000)
  expect(muxer.ping).toHaveBeenCalledOnce()
})

test('a connection that comes when all have gone is looked at again', async () => {
  const endWhenSilent = createSilenceWatch()
  const gone = new Connection()
  endWhenSilent(silent(), gone)
  gone.dispatchEvent(new Event('close'))
  expect(vi.getTimerCount()).toBe(0)
  const later = new Connection()
  endWhenSilent(silent(), later)
  await vi.advanceTimersByTimeAsync(25_000)
  expect(later.error).toMatchObject({ name: 'TimeoutError' })
})
