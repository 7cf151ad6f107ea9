import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { devnetAggregation, devnetAttestation, devnetBlock } from '../../src/devnet/messages.ts'
import { messageSlot } from '../../src/measure/message-slot.ts'
import { TOPIC_KINDS } from '../../src/mesh/topics.ts'

const MAX_SLOT = 2 ** 32
const slots = fc.integer({ min: 0, max: MAX_SLOT })
const block = (offset: number, length: number) => {
  const data = Buffer.alloc(length)
  if (length >= 4) data.writeUInt32LE(offset)
  return data
}

describe('the slot in a message', () => {
  it('is read where the lean clients put it, whatever it is', () => {
    fc.assert(
      fc.property(slots, fc.nat(100), (slot, validator) => {
        expect(messageSlot('block', devnetBlock(slot))).toBe(slot)
        expect(messageSlot('attestation', devnetAttestation(slot, validator))).toBe(slot)
        expect(messageSlot('aggregation', devnetAggregation(slot))).toBe(slot)
      }),
    )
  })

  it('is the u64 that stands there, or nothing where that is no slot', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const data = Buffer.alloc(8)
        data.writeBigUInt64LE(value)
        expect(messageSlot('aggregation', data)).toBe(value <= MAX_SLOT ? Number(value) : undefined)
      }),
    )
  })

  it.each([
    ['block', Buffer.of()],
    ['block', block(0, 3)],
    ['block', block(4, 11)],
    ['block', block(0xffffffff, 1000)],
    ['block', block(993, 1000)],
    ['attestation', Buffer.alloc(15)],
    ['aggregation', Buffer.alloc(7)],
  ] as const)('of a %s is nothing where %o ends before it', (kind, data) => {
    expect(messageSlot(kind, data)).toBeUndefined()
  })

  it('may be the last that there is of the data', () => {
    expect(messageSlot('block', block(992, 1000))).toBe(0)
    expect(messageSlot('attestation', Buffer.alloc(16))).toBe(0)
    expect(messageSlot('aggregation', Buffer.alloc(8))).toBe(0)
  })

  it('is a whole number from 0 to 2^32 or nothing, and never an error, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOPIC_KINDS), fc.uint8Array({ maxLength: 300 }), (kind, data) => {
        const slot = messageSlot(kind, data)
        return slot === undefined || (Number.isInteger(slot) && slot >= 0 && slot <= MAX_SLOT)
      }),
      { numRuns: 2000 },
    )
  })
})
