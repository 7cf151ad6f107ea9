import { hashSync } from 'bcryptjs'
import { expect, onTestFinished, test } from 'vitest'
import { createPasswords } from '../../src/web-config/passwords.ts'

const HASH = hashSync('right', 4)
const REMEMBERED = 200

test('of passwords that were right the 200 latest are remembered', async () => {
  const names = Array.from({ length: REMEMBERED + 1 }, (_, index) => `user-${index}`)
  const users = new Map(names.map((name) => [name, HASH]))
  const passwords = createPasswords(() => 0)
  onTestFinished(() => passwords.stop())
  const check = (user: string, password: string, address: string) => passwords.check({ user, password }, users, address)
  for (const name of names) expect(await check(name, 'right', '192.0.2.1')).toBe('right')
  // What is remembered is right also where nothing is looked at any more.
  for (let guess = 0; guess < 10; guess++) expect(await check('user-1', `${guess}`, '192.0.2.2')).toBe('wrong')
  expect(await check('user-0', 'right', '192.0.2.2')).toBe('throttled')
  expect(await check('user-1', 'right', '192.0.2.2')).toBe('right')
  expect(await check(`user-${REMEMBERED}`, 'right', '192.0.2.2')).toBe('right')
})
