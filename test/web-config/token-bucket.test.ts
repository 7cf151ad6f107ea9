import { expect, test } from 'vitest'
import { createBucket } from '../../src/web-config/token-bucket.ts'

const OPTIONS = { burst: 2, intervalMs: 1000 }

function takenAt(bucket: { take(): boolean }, tries: number): number {
  return Array.from({ length: tries }, () => bucket.take()).filter(Boolean).length
}

test('a bucket gives its burst at once, and one more each interval', () => {
  let nowMs = 0
  const bucket = createBucket(OPTIONS, () => nowMs)
  expect(takenAt(bucket, 5)).toBe(2)
  nowMs = 999
  expect(takenAt(bucket, 5)).toBe(0)
  nowMs = 1000
  expect(takenAt(bucket, 5)).toBe(1)
})

test('a bucket that nobody asked for an hour has its burst, and no more', () => {
  let nowMs = 0
  const bucket = createBucket(OPTIONS, () => nowMs)
  nowMs = 3_600_000
  expect(takenAt(bucket, 5)).toBe(2)
})

test('what is given back does not make it hold more than its burst', () => {
  const bucket = createBucket(OPTIONS, () => 0)
  bucket.take()
  expect(bucket.isFull()).toBe(false)
  for (let count = 0; count < 3; count++) bucket.giveBack()
  expect(bucket.isFull()).toBe(true)
  expect(takenAt(bucket, 5)).toBe(2)
})
