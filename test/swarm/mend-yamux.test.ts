import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitFrames } from '../../src/swarm/mend-yamux.ts'

const KIB_63 = 63 * 1024
const SYN = 1

/** The part of a Uint8ArrayList that is used. */
class Bytes {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get byteLength(): number {
    return this.bytes.length
  }

  sublist(start: number, end: number): Bytes {
    return new Bytes(this.bytes.subarray(start, end))
  }
}

interface Sent {
  type: number
  flag: number
  streamID: number
  length: number
  data: Uint8Array | undefined
}

function sender(): { sent: Sent[]; muxer: Parameters<typeof splitFrames>[0] } {
  const sent: Sent[] = []
  const muxer: Parameters<typeof splitFrames>[0] = {
    sendFrame(header, data) {
      sent.push({ ...header, data: (data as Bytes | undefined)?.bytes })
      return sent.length < 3
    },
  }
  splitFrames(muxer)
  return { sent, muxer }
}

describe('yamux data frames', () => {
  test('are split at 63 KiB: nothing is lost, flags go once, and the last answer counts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 * KIB_63 }), (length) => {
        const data = Uint8Array.from({ length }, (_, index) => index % 251)
        const { sent, muxer } = sender()
        const more = muxer.sendFrame({ type: 0, flag: SYN, streamID: 7, length }, new Bytes(data))
        expect(Buffer.concat(sent.map((frame) => frame.data ?? Buffer.alloc(0))).equals(data)).toBe(true)
        expect(sent.every((frame) => frame.length === frame.data?.length && frame.length <= KIB_63)).toBe(true)
        expect(sent.map((frame) => frame.flag)).toEqual(sent.map((_, index) => (index === 0 ? SYN : 0)))
        expect(sent.length).toBe(Math.ceil(length / KIB_63))
        expect(more).toBe(sent.length < 3)
      }),
      { numRuns: 50 },
    )
  })

  test('of other types pass as they are, whatever their length field says', () => {
    const { sent, muxer } = sender()
    muxer.sendFrame({ type: 1, flag: 0, streamID: 7, length: 16 * 1024 * 1024 })
    expect(sent).toEqual([{ type: 1, flag: 0, streamID: 7, length: 16 * 1024 * 1024, data: undefined }])
  })
})
