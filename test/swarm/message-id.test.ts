import { createHash } from 'node:crypto'
import { uncompressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { messageId } from '../../src/swarm/message-id.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const ONE_CALL_BYTES = 16 * 1024 - 12 - TOPIC.length
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('message id', () => {
  it('agrees with the lean clients on a message that decodes', () => {
    const wire = Buffer.from('040c6c65616e', 'hex')
    const data = uncompressSync(wire) as Buffer
    expect(data.toString()).toBe('lean')
    expect(hex(messageId('valid-snappy', TOPIC, data))).toBe('8a93a02ba0c2652092d1af72777dc9a280741fa9')
  })

  it('hashes the raw bytes of a message that does not decode, in a domain of their own', () => {
    const wire = Buffer.from('ffffffffff', 'hex')
    const hashed = Buffer.concat([Buffer.from('00000000', 'hex'), Buffer.from([TOPIC.length, 0, 0, 0, 0, 0, 0, 0])])
    const expected = createHash('sha256').update(hashed).update(TOPIC).update(wire).digest('hex').slice(0, 40)
    expect(hex(messageId('invalid-snappy', TOPIC, wire))).toBe(expected)
  })

  it.each([ONE_CALL_BYTES, ONE_CALL_BYTES + 1])('is the same hash of %i bytes, however they are hashed', (bytes) => {
    const data = new Uint8Array(bytes).fill(7)
    const head = Buffer.concat([Buffer.from('01000000', 'hex'), Buffer.from([TOPIC.length, 0, 0, 0, 0, 0, 0, 0])])
    const expected = createHash('sha256').update(head).update(TOPIC).update(data).digest('hex').slice(0, 40)
    expect(hex(messageId('valid-snappy', TOPIC, data))).toBe(expected)
  })

  it.each([3, 32 * 1024])('of %i bytes has nothing of the digest behind it, and nothing of the next', (bytes) => {
    const data = new Uint8Array(bytes)
    const id = messageId('valid-snappy', TOPIC, data)
    const before = hex(id)
    messageId('valid-snappy', TOPIC, data.fill(1))
    expect(hex(id)).toBe(before)
    expect(id.buffer.byteLength).toBe(20)
  })

  it('counts the topic in bytes, not in characters', () => {
    const topic = '/ünïcode'
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(topic)))
    const hash = createHash('sha256').update(Buffer.from('01000000', 'hex')).update(length).update(topic).update('x')
    expect(hex(messageId('valid-snappy', topic, Buffer.from('x')))).toBe(hash.digest('hex').slice(0, 40))
  })
})
