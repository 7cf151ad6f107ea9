import { describe, expect, it } from 'vitest'
import { devnetAggregation, devnetAttestation, devnetBlock } from '../../src/devnet/messages.ts'

const SLOT = 123_456
const slotAt = (message: Buffer, offset: number) => Number(message.readBigUInt64LE(offset))

describe('devnet messages', () => {
  it('have the slot where the lean clients put it', () => {
    const block = devnetBlock(SLOT)
    expect(slotAt(block, block.readUInt32LE(0))).toBe(SLOT)
    const attestation = devnetAttestation(SLOT, 3)
    expect(slotAt(attestation, 0)).toBe(3)
    expect(slotAt(attestation, 8)).toBe(SLOT)
    expect(slotAt(devnetAggregation(SLOT), 0)).toBe(SLOT)
  })

  it('differ from each other, so that none is taken for a copy', () => {
    expect(devnetBlock(SLOT).equals(devnetBlock(SLOT))).toBe(false)
    expect(devnetAttestation(SLOT, 0).equals(devnetAttestation(SLOT, 0))).toBe(false)
  })
})
