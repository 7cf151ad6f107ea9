import { readdir } from 'node:fs/promises'
import { hashSync } from 'bcryptjs'
import { expect, onTestFinished, test } from 'vitest'
import { createBcryptThread } from '../../src/web-config/bcrypt-thread.ts'

const HASH = hashSync('right', 4)

test('a password that comes while an idle thread ends is compared by another one', async () => {
  const thread = createBcryptThread()
  onTestFinished(() => thread.stop())
  expect(await thread.compare('right', HASH)).toBe(true)
  const ending = thread.stop()
  expect(await thread.compare('wrong', HASH)).toBe(false)
  expect(await thread.compare('right', HASH)).toBe(true)
  await ending
  expect(thread.waiting).toBe(0)
})

test('what is being compared when it ends is not answered as right', async () => {
  const thread = createBcryptThread()
  const compared = thread.compare('right', hashSync('right', 12))
  const ended = expect(compared).rejects.toThrow('the thread that compares passwords ended')
  await thread.stop()
  await ended
})

test('ends when it has had nothing to do for five seconds', async () => {
  const thread = createBcryptThread()
  onTestFinished(() => thread.stop())
  await thread.compare('right', HASH)
  const threads = async () => (await readdir('/proc/self/task')).length
  const busy = await threads()
  await expect.poll(threads, { timeout: 15_000 }).toBeLessThan(busy)
})
