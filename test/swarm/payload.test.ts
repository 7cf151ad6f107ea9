import fc from 'fast-check'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { announcedLength, decodePayload } from '../../src/swarm/payload.ts'

const MAX = 4096
const compress = (data: Uint8Array) => compressSync(Buffer.from(data))

/** A snappy block's preamble: the length that it announces. */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))]
}

describe('payload', () => {
  it('decodes whatever was compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX - 200 }), (data) => {
        const payload = decodePayload(compress(data), MAX)
        expect(Buffer.from(payload.data ?? [])).toEqual(Buffer.from(data))
        expect(payload.refused).toBeUndefined()
      }),
    )
  })

  it('refuses a block that announces 4 GiB, without making room for it', () => {
    const bomb = Buffer.from([...varint(2 ** 32 - 1), 0x00, 0x61])
    const before = process.memoryUsage.rss()
    expect(decodePayload(bomb, MAX)).toEqual({ refused: 'oversized' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('accepts the largest message and refuses one byte more, compressed or not', () => {
    expect(decodePayload(compress(new Uint8Array(MAX)), MAX).data).toHaveLength(MAX)
    expect(decodePayload(compress(new Uint8Array(MAX + 1)), MAX)).toEqual({ refused: 'oversized' })
    const padded = Buffer.concat([compress(new Uint8Array(16)), Buffer.alloc(MAX)])
    expect(decodePayload(padded, MAX)).toEqual({ refused: 'oversized' })
  })

  it('takes nothing from the budget for a length that no block of its size can have', () => {
    const lie = Buffer.from([...varint(MAX), 0x00, 0x61])
    const taken: number[] = []
    const budget = { take: (bytes: number) => taken.push(bytes) > 0 }
    expect(decodePayload(lie, MAX, budget)).toEqual({ refused: 'undecodable' })
    expect(taken).toEqual([])
    expect(decodePayload(compress(new Uint8Array(MAX)), MAX, budget).data).toHaveLength(MAX)
  })

  it('refuses an empty, a truncated and a garbled block', () => {
    const block = compress(Buffer.from('a lean message, a lean message, a lean message'))
    expect(decodePayload(new Uint8Array(), MAX)).toEqual({ refused: 'undecodable' })
    expect(decodePayload(block.subarray(0, -1), MAX)).toEqual({ refused: 'undecodable' })
    expect(decodePayload(Buffer.concat([block, Buffer.of(0)]), MAX)).toEqual({ refused: 'undecodable' })
    expect(decodePayload(Buffer.from('ffffffffff01', 'hex'), MAX)).toEqual({ refused: 'undecodable' })
  })

  it('either decodes or refuses, and never throws or exceeds the limit, on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const payload = decodePayload(bytes, MAX)
        if (payload.data) expect(payload.data.length).toBe(announcedLength(bytes))
        else expect(['undecodable', 'oversized']).toContain(payload.refused)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('announced length', () => {
  it('is what the preamble says, for every 32-bit length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (length) => {
        expect(announcedLength(Uint8Array.from(varint(length)))).toBe(length)
      }),
    )
  })

  it('is none for a preamble that does not end, or is longer than 32 bits', () => {
    expect(announcedLength(Uint8Array.of(0x80))).toBeUndefined()
    expect(announcedLength(Uint8Array.from(varint(2 ** 32)))).toBeUndefined()
    expect(announcedLength(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x00))).toBeUndefined()
  })
})
