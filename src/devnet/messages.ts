import { randomBytes } from 'node:crypto'

/*
 * Payloads that have the shape of lean messages as far as an observer reads them: the slot stands where the clients put it.
 * Everything else is noise.
 */
const BLOCK_OFFSET = 100
const BLOCK_BYTES = 1024
const ATTESTATION_BYTES = 256
const AGGREGATION_BYTES = 512

/** A block: the u32 at offset 0 says where it begins, and its first field is the slot. */
export function devnetBlock(slot: number): Buffer {
  const block = randomBytes(BLOCK_BYTES)
  block.writeUInt32LE(BLOCK_OFFSET, 0)
  block.writeBigUInt64LE(BigInt(slot), BLOCK_OFFSET)
  return block
}

/** An attestation: the validator's index, then the slot. */
export function devnetAttestation(slot: number, validator: number): Buffer {
  const attestation = randomBytes(ATTESTATION_BYTES)
  attestation.writeBigUInt64LE(BigInt(validator), 0)
  attestation.writeBigUInt64LE(BigInt(slot), 8)
  return attestation
}

/** An aggregation: the slot comes first. */
export function devnetAggregation(slot: number): Buffer {
  const aggregation = randomBytes(AGGREGATION_BYTES)
  aggregation.writeBigUInt64LE(BigInt(slot), 0)
  return aggregation
}
