import { createHash, hash } from 'node:crypto'

/** How a message's data were read: decompressed, or raw because they are no snappy block. */
export type MessageDomain = 'valid-snappy' | 'invalid-snappy'

const DOMAINS: Record<MessageDomain, number> = { 'valid-snappy': 1, 'invalid-snappy': 0 }
const DOMAIN_BYTES = 4
const LENGTH_BYTES = 8
const ID_BYTES = 20
/** Up to this it is quicker to copy the data, for one call of the hash, than to make two. */
const COPIED_BYTES = 16 * 1024

/**
 * The lean network's message id: the first 20 bytes of SHA256(domain || uint64-LE(len(topic)) || topic || data).
 *
 * @param data decompressed in the domain `valid-snappy`, as received in `invalid-snappy`
 */
export function messageId(domain: MessageDomain, topic: string, data: Uint8Array): Uint8Array {
  const topicBytes = Buffer.byteLength(topic)
  const topicAt = DOMAIN_BYTES + LENGTH_BYTES
  const isSmall = data.length <= COPIED_BYTES
  const hashed = Buffer.allocUnsafe(topicAt + topicBytes + (isSmall ? data.length : 0))
  hashed.writeUInt32LE(DOMAINS[domain])
  hashed.writeBigUInt64LE(BigInt(topicBytes), DOMAIN_BYTES)
  hashed.write(topic, topicAt)
  if (!isSmall) return createHash('sha256').update(hashed).update(data).digest().subarray(0, ID_BYTES)
  hashed.set(data, topicAt + topicBytes)
  return hash('sha256', hashed, 'buffer').subarray(0, ID_BYTES)
}
