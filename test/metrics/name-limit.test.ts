import { expect, it } from 'vitest'
import { createNameLimit } from '../../src/metrics/name-limit.ts'

it('names beyond the limit over time are left out and counted; those admitted before stay', () => {
  let rejected = 0
  const limited = createNameLimit(2)
  const first = new Map([
    ['a', 'zeam_0'],
    ['b', 'zeam_1'],
  ])
  expect(limited(first)).toEqual(first)
  expect(limited(new Map([...first, ['c', 'zeam_2']]), () => rejected++)).toEqual(first)
  expect(rejected).toBe(1)
  expect(limited(undefined)).toBeUndefined()
})
