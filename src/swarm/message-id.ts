import { createHash, hash } from 'node:crypto'

/** How a message's data were read: decompressed, or raw because they are no snappy block. */
export type MessageDomain = 'valid-snappy' | 'invalid-snappy'

const DOMAINS: Record<MessageDomain, number> = { 'valid-snappy': 1, 'invalid-snappy': 0 }
const DOMAIN_BYTES = 4
const LENGTH_BYTES = 8
const ID_BYTES = 20
/** Up to this much is hashed in one call, which is quicker than two. */
const scratch = Buffer.allocUnsafeSlow(16 * 1024)

/**
 * The lean network's message id: the first 20 bytes of SHA256(domain || uint64-LE(len(topic)) || topic || data).
 *
 * @param data decompressed in the domain `valid-snappy`, as received in `invalid-snappy`
 */
export function messageId(domain: MessageDomain, topic: string, data: Uint8Array): Uint8Array {
  const topicBytes = Buffer.byteLength(topic)
  const topicAt = DOMAIN_BYTES + LENGTH_BYTES
  const dataAt = topicAt + topicBytes
  const isSmall = dataAt + data.length <= scratch.length
  const head = isSmall ? scratch : Buffer.allocUnsafe(dataAt)
  head.writeUInt32LE(DOMAINS[domain])
  head.writeBigUInt64LE(BigInt(topicBytes), DOMAIN_BYTES)
  head.write(topic, topicAt)
  if (!isSmall) return idOf(createHash('sha256').update(head).update(data).digest())
  head.set(data, dataAt)
  return idOf(hash('sha256', head.subarray(0, dataAt + data.length), 'buffer'))
}

/** In V8's own heap. A part of the digest would keep all of it outside, for as long as gossipsub has the message. */
function idOf(digest: Uint8Array): Uint8Array {
  return new Uint8Array(digest.subarray(0, ID_BYTES))
}

/** A character for each byte, of the ids that peers send too: of any length. */
export function messageIdText(id: Uint8Array): string {
  // What `Buffer` has for it moves the id out of V8's heap. The other takes as much stack as it is given bytes.
  if (id.length <= ID_BYTES) return Reflect.apply(String.fromCharCode, undefined, id)
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1')
}
