import type { Head } from '../../src/mesh/peer-head.ts'

export interface StatusFields extends Omit<Head, 'headSlot' | 'finalizedSlot'> {
  headSlot: number | bigint
  finalizedSlot: number | bigint
}

/** The 80 bytes of a Status. Roots are filled up to 32 bytes. */
export function statusBody(fields: Partial<StatusFields> = {}): Buffer {
  const { headSlot = 20, headRoot = 'c4', finalizedSlot = 10, finalizedRoot = 'f1' } = fields
  const body = Buffer.alloc(80)
  body.write(finalizedRoot, 0, 'hex')
  body.writeBigUInt64LE(BigInt(finalizedSlot), 32)
  body.write(headRoot, 40, 'hex')
  body.writeBigUInt64LE(BigInt(headSlot), 72)
  return body
}
