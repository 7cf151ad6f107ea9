import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { uncompressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { messageId, messageIdText } from '../../src/swarm/message-id.ts'
import { reachableBufferBytes, reachableHeapBytes } from '../support/collect-garbage.ts'

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

  it.each([3, 32 * 1024])('of %i bytes is not changed by the next one', (bytes) => {
    const data = new Uint8Array(bytes)
    const id = messageId('valid-snappy', TOPIC, data)
    const before = hex(id)
    expect(hex(messageId('valid-snappy', TOPIC, data.fill(1)))).not.toBe(before)
    expect(hex(id)).toBe(before)
  })

  it('and its text take no memory outside of the heap', () => {
    const data = new Uint8Array(8)
    const before = reachableBufferBytes()
    const ids = Array.from({ length: 10_000 }, (_, at) => messageId('valid-snappy', TOPIC, data.fill(at)))
    const texts = ids.map(messageIdText)
    expect(reachableBufferBytes() - before).toBeLessThan(10_000)
    expect(texts).toHaveLength(ids.length)
  })

  it('that a peer sends has a character for each byte, however many they are', () => {
    const id = fc.uint8Array({ minLength: 0, maxLength: 60 })
    fc.assert(
      fc.property(id, (bytes) => {
        expect(Buffer.from(messageIdText(bytes), 'latin1')).toEqual(Buffer.from(bytes))
      }),
    )
    const largest = new Uint8Array(13 * 1024 * 1024).fill(255)
    const before = reachableHeapBytes()
    expect(messageIdText(largest)).toHaveLength(largest.length)
    expect(reachableHeapBytes() - before).toBeLessThan(1024 * 1024)
  })

  it('counts the topic in bytes, not in characters', () => {
    const topic = '/ünïcode'
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(topic)))
    const hash = createHash('sha256').update(Buffer.from('01000000', 'hex')).update(length).update(topic).update('x')
    expect(hex(messageId('valid-snappy', topic, Buffer.from('x')))).toBe(hash.digest('hex').slice(0, 40))
  })
})
