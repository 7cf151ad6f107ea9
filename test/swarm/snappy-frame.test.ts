import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/swarm/snappy-frame.ts'

const IDENTIFIER = Buffer.from('ff060000734e61507059', 'hex')
const BODY = Buffer.from('The framing format: a stream identifier, then chunks. '.repeat(3))

function chunk(kind: number, content: Uint8Array): Buffer {
  const header = Buffer.of(kind, 0, 0, 0)
  header.writeUIntLE(content.length, 1, 3)
  return Buffer.concat([header, content])
}

/** The masked CRC-32C of "123456789": its CRC is the standard check value 0xe3069283. */
const DIGITS = Buffer.from('123456789')
const DIGITS_CHECKSUM = Buffer.alloc(4)
DIGITS_CHECKSUM.writeUInt32LE((((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0)

describe('snappy frame', () => {
  it('gives back what was framed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1000 }), (body) => {
        expect(decodeFrame(encodeFrame(body), body.length)).toEqual(Buffer.from(body))
      }),
    )
  })

  it('asks for more at every cut of the stream, and throws at none', () => {
    const stream = Buffer.concat([encodeFrame(BODY.subarray(0, 40)), encodeFrame(BODY.subarray(40))])
    for (let length = 0; length < stream.length; length++) {
      expect(decodeFrame(stream.subarray(0, length), BODY.length), `after ${length} bytes`).toBeUndefined()
    }
    expect(decodeFrame(stream, BODY.length)).toEqual(BODY)
  })

  it('reads an uncompressed chunk, with the checksum of the standard', () => {
    const stream = Buffer.concat([IDENTIFIER, chunk(0x01, Buffer.concat([DIGITS_CHECKSUM, DIGITS]))])
    expect(decodeFrame(stream, DIGITS.length)).toEqual(DIGITS)
  })

  it('skips padding, skippable chunks and a repeated identifier', () => {
    const noise = [
      chunk(0xfe, Buffer.alloc(5)),
      chunk(0x80, Buffer.from('skip me')),
      IDENTIFIER,
      chunk(0xfe, Buffer.of()),
    ]
    const stream = Buffer.concat([IDENTIFIER, ...noise, encodeFrame(BODY).subarray(IDENTIFIER.length)])
    expect(decodeFrame(stream, BODY.length)).toEqual(BODY)
  })

  it('throws at a wrong checksum', () => {
    const stream = encodeFrame(BODY)
    stream.writeUInt8(stream.readUInt8(14) ^ 1, 14)
    expect(() => decodeFrame(stream, BODY.length)).toThrow('wrong checksum')
  })

  it('throws at a missing identifier, an unknown chunk, a missing checksum and a body that is too long', () => {
    expect(() => decodeFrame(BODY, BODY.length)).toThrow('not a snappy stream')
    expect(() => decodeFrame(Buffer.concat([IDENTIFIER, chunk(0x02, Buffer.alloc(8))]), 4)).toThrow('unknown')
    expect(() => decodeFrame(Buffer.concat([IDENTIFIER, chunk(0x01, Buffer.alloc(3))]), 4)).toThrow('checksum')
    expect(() => decodeFrame(encodeFrame(BODY), BODY.length - 1)).toThrow('longer than announced')
  })

  it('gets through a stream of empty chunks in one pass', () => {
    const empty = Buffer.concat([IDENTIFIER, ...Array.from({ length: 20_000 }, () => chunk(0x80, Buffer.of()))])
    expect(decodeFrame(empty, 80)).toBeUndefined()
  })

  it('gives a body, asks for more or throws an Error, on arbitrary chunks', () => {
    const kinds = fc.oneof(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff), fc.integer({ min: 0, max: 255 }))
    const chunks = fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 40 })), { maxLength: 6 })
    const streams = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      chunks.map((list) => Buffer.concat([IDENTIFIER, ...list.map(([kind, content]) => chunk(kind, content))])),
    )
    fc.assert(
      fc.property(streams, fc.nat({ max: 200 }), (stream, bodyLength) => {
        let body: Buffer | undefined
        try {
          body = decodeFrame(stream, bodyLength)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
        if (body) expect(body.length).toBe(bodyLength)
      }),
      { numRuns: 2000 },
    )
  })
})
