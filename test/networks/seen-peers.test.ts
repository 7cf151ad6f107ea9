import { expect, test } from 'vitest'
import { createSeenPeers } from '../../src/networks/seen-peers.ts'

const names = new Map([
  ['a', 'zeam_0'],
  ['b', 'ream_0'],
])

test('a named peer that connected once stays seen, and of others nothing is kept', () => {
  const seen = createSeenPeers()
  seen.note(['a', 'stranger'], names)
  seen.note([], names)
  expect([...seen.peers()]).toEqual(['a'])
})

test('a name that the table lost is not seen any more', () => {
  const seen = createSeenPeers()
  seen.note(['a', 'b'], names)
  seen.note([], new Map([['b', 'ream_0']]))
  expect([...seen.peers()]).toEqual(['b'])
})
