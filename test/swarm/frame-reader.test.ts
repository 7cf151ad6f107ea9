import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFrameReader, createReader, FrameTooLongError } from '../../src/swarm/frame-reader.ts'
import { withLength } from '../../src/swarm/length-prefix.ts'
import { cut } from '../support/pieces.ts'

const MAX_BYTES = 1000
const MIB = 1024 * 1024

function reader(maxBytes = MAX_BYTES) {
  const frames: Uint8Array[] = []
  return { frames, ...createFrameReader(maxBytes, (frame) => void frames.push(frame)) }
}

describe('frames with their length in front', () => {
  it('are those that were framed, whatever the pieces that they come in', () => {
    const framed = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })
    fc.assert(
      fc.property(framed, fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        const { frames, push, isBetweenFrames } = reader()
        for (const piece of cut(Buffer.concat(sent.map(withLength)), places)) push(piece)
        expect(frames.map((frame) => [...frame])).toEqual(sent.map((frame) => [...frame]))
        expect(isBetweenFrames()).toBe(true)
      }),
    )
  })

  it('may have a header that is longer than they are, and comes in pieces', () => {
    const headerBytes = 12
    const framed = (body: Uint8Array) => {
      const header = Buffer.alloc(headerBytes)
      header.writeUInt32BE(body.length, headerBytes - 4)
      return Buffer.concat([header, body])
    }
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (sent, places) => {
          const frames: Uint8Array[] = []
          const { push } = createReader(
            (bytes, at) => {
              const bodyAt = at + headerBytes
              if (bodyAt > bytes.length) return undefined
              return { bodyAt, end: bodyAt + Buffer.from(bytes).readUInt32BE(bodyAt - 4) }
            },
            (bytes, at, { end }) => void frames.push(bytes.slice(at, end)),
          )
          for (const piece of cut(Buffer.concat(sent.map(framed)), places)) push(piece)
          expect(Buffer.concat(frames)).toEqual(Buffer.concat(sent.map(framed)))
        },
      ),
    )
  })

  it('are handed on when their last byte has come', () => {
    const { frames, push, isBetweenFrames } = reader()
    push(Uint8Array.of(3, 1, 2))
    expect([frames.length, isBetweenFrames()]).toEqual([0, false])
    push(Uint8Array.of(3, 2))
    expect([frames.length, isBetweenFrames()]).toEqual([1, false])
    push(Uint8Array.of(4, 5))
    expect(frames.map((frame) => [...frame])).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
  })

  it('keep nothing that they came in, where that is several pieces', () => {
    const { frames, push } = reader()
    const pieces = Array.from(withLength(new Uint8Array(900).fill(7)), (byte) =>
      Buffer.alloc(4096, byte).subarray(0, 1),
    )
    for (const piece of pieces) {
      push(piece)
      // What was copied is not looked at again.
      piece.fill(0)
      push(new Uint8Array())
    }
    expect(frames.map((frame) => [...frame])).toEqual([Array(900).fill(7)])
  })

  it('are parts of what came, where they came in one piece', () => {
    const { frames, push } = reader()
    const piece = Uint8Array.of(2, 1, 2, 0, 1, 9)
    push(piece)
    expect(frames.map((frame) => frame.length)).toEqual([2, 0, 1])
    expect(frames[0]?.buffer).toBe(piece.buffer)
    // Nothing is no reason to keep what it came with.
    expect(frames[1]?.buffer.byteLength).toBe(0)
  })

  it('take no more than 1 MiB of room for what is only announced', () => {
    const { push } = reader(2 ** 32)
    const before = process.memoryUsage().arrayBuffers
    for (const byte of [0xff, 0xff, 0xff, 0xff, 0x07, 1, 2]) push(Uint8Array.of(byte))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.1 * MIB)
  })

  it('that come in many pieces are copied a few times, and not once for each piece', () => {
    const { frames, push } = reader(4 * MIB)
    const framed = withLength(new Uint8Array(4 * MIB))
    const set = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, 'set')
    onTestFinished(() => set.mockRestore())
    for (let at = 0; at < framed.length; at += 16 * 1024) push(framed.subarray(at, at + 16 * 1024))
    const copied = set.mock.calls.reduce((sum, [bytes]) => sum + bytes.length, 0)
    expect(frames[0]).toHaveLength(4 * MIB)
    expect(copied).toBeLessThan(3 * 4 * MIB)
  })

  it.each([
    ['in many pieces', 16 * 1024],
    ['with its length in two pieces', 1],
  ])('of up to 1 MiB that come %s are copied once, and what is beside them is not', (_, firstBytes) => {
    const { frames, push } = reader(4 * MIB)
    const large = withLength(new Uint8Array(MIB - 3))
    const beside = withLength(new Uint8Array(30_000))
    const set = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, 'set')
    onTestFinished(() => set.mockRestore())
    push(large.subarray(0, firstBytes))
    for (let at = firstBytes; at < MIB / 2; at += 16 * 1024) push(large.subarray(at, Math.min(at + 16 * 1024, MIB / 2)))
    push(Buffer.concat([large.subarray(MIB / 2), beside]))
    const copied = set.mock.calls.reduce((sum, [bytes]) => sum + bytes.length, 0)
    expect(frames.map(({ length }) => length)).toEqual([MIB - 3, 30_000])
    expect(copied).toBeLessThan(MIB + 100)
  })

  it('may be as long as the limit, and no longer', () => {
    const { frames, push } = reader()
    push(withLength(new Uint8Array(MAX_BYTES)))
    expect(frames[0]).toHaveLength(MAX_BYTES)
    expect(() => push(withLength(new Uint8Array(MAX_BYTES + 1)))).toThrow(FrameTooLongError)
  })

  it('may have a length of eight bytes', () => {
    const { frames, push } = reader()
    push(Uint8Array.of(0x81, ...Array<number>(6).fill(0x80), 0, 7))
    expect(frames.map((frame) => [...frame])).toEqual([[7]])
  })

  it.each([
    ['announce 4 GiB', [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['have a length of nine bytes', [0x81, ...Array<number>(7).fill(0x80), 0]],
    ['have a length without end', Array<number>(20).fill(0x80)],
  ])('that %s are refused when their length has come', (_, bytes) => {
    const { frames, push } = reader()
    push(withLength(Uint8Array.of(1)))
    expect(() => push(Uint8Array.from(bytes))).toThrow(FrameTooLongError)
    expect(frames).toHaveLength(1)
  })

  it('before one that is too long are handed on', () => {
    const { frames, push } = reader()
    expect(() => push(Buffer.concat([withLength(Uint8Array.of(1)), Buffer.alloc(8, 0xff)]))).toThrow(FrameTooLongError)
    expect(frames.map((frame) => [...frame])).toEqual([[1]])
  })
})
