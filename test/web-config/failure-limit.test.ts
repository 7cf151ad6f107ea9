import { expect, test } from 'vitest'
import { createFailureLimit, type FailureLimit } from '../../src/web-config/failure-limit.ts'

const TRIES = 10

function tryUntilThrottled(limit: FailureLimit, addressOf: (attempt: number) => string): number {
  for (let attempt = 0; attempt < 50; attempt++) if (!limit.attempt(addressOf(attempt))) return attempt
  return Number.POSITIVE_INFINITY
}

test('all addresses of an IPv6 /64 have ten tries together, and its neighbour has ten of its own', () => {
  const limit = createFailureLimit(() => 0)
  expect(tryUntilThrottled(limit, (attempt) => `2001:db8:0:1::${attempt.toString(16)}`)).toBe(TRIES)
  expect(tryUntilThrottled(limit, () => '2001:db8:0:2::1')).toBe(TRIES)
})

test('an IPv4 address is the same one as IPv6 writes it', () => {
  const limit = createFailureLimit(() => 0)
  expect(tryUntilThrottled(limit, (attempt) => (attempt % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1'))).toBe(TRIES)
})

test('of those that fail, the thousand latest addresses are remembered', () => {
  const limit = createFailureLimit(() => 0)
  expect(tryUntilThrottled(limit, () => '192.0.2.1')).toBe(TRIES)
  for (let other = 0; other < 999; other++) limit.attempt(`10.0.${other >> 8}.${other & 255}`)
  expect(limit.attempt('192.0.2.1')).toBeUndefined()
  for (let other = 0; other < 1000; other++) limit.attempt(`10.1.${other >> 8}.${other & 255}`)
  expect(limit.attempt('192.0.2.1')).toBeDefined()
})
