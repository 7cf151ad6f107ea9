import { expect, test } from 'vitest'
import { SLOT_MS, slotAt } from '../../src/mesh/slot-clock.ts'

const GENESIS_SECONDS = 1000
const GENESIS_MS = GENESIS_SECONDS * 1000

test.each([
  [-SLOT_MS - 1, -2],
  [-SLOT_MS, -1],
  [-1, -1],
  [0, 0],
  [SLOT_MS - 1, 0],
  [SLOT_MS, 1],
])('%d ms after genesis it is slot %d', (sinceGenesisMs, slot) => {
  expect(slotAt(GENESIS_MS + sinceGenesisMs, GENESIS_SECONDS)).toBe(slot)
})
