import { createHash } from 'node:crypto'

/** How a message's data were read: decompressed, or raw because they are no snappy block. */
export type MessageDomain = 'valid-snappy' | 'invalid-snappy'

const DOMAINS: Record<MessageDomain, Uint8Array> = {
  'valid-snappy': Uint8Array.of(1, 0, 0, 0),
  'invalid-snappy': Uint8Array.of(0, 0, 0, 0),
}

const ID_BYTES = 20

/**
 * The lean network's message id: the first 20 bytes of SHA256(domain || uint64-LE(len(topic)) || topic || data).
 *
 * @param data decompressed in the domain `valid-snappy`, as received in `invalid-snappy`
 */
export function messageId(domain: MessageDomain, topic: string, data: Uint8Array): Uint8Array {
  const topicBytes = Buffer.from(topic)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(topicBytes.length))
  const hash = createHash('sha256').update(DOMAINS[domain]).update(length).update(topicBytes).update(data)
  return hash.digest().subarray(0, ID_BYTES)
}
