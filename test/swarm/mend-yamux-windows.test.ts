import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantByHalves } from '../../src/swarm/mend-yamux-windows.ts'

const WINDOW = 256 * 1024
const [SYN_RECEIVED, ESTABLISHED] = [2, 3]

/** Keeps its window as js yamux's streams do. */
class FakeStream {
  state: number
  recvWindow = WINDOW
  recvWindowCapacity = WINDOW
  readonly granted: number[] = []

  constructor(state: number) {
    this.state = state
  }

  receive(bytes: number): void {
    this.recvWindowCapacity -= bytes
    this.sendWindowUpdate()
  }

  sendWindowUpdate(): void {
    this.granted.push(this.recvWindow - this.recvWindowCapacity)
    this.recvWindowCapacity = this.recvWindow
    this.state = ESTABLISHED
  }
}

function openStream(state: number): FakeStream {
  const muxer = { _newStream: (initial: number): object => new FakeStream(initial) }
  grantByHalves(muxer)
  return muxer._newStream(state) as FakeStream
}

describe('the window of a yamux stream', () => {
  it('never has less than half of it left for the peer, which is told seldom', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 16 * 1024 }), { maxLength: 300 }), (frames) => {
        const stream = openStream(ESTABLISHED)
        let received = 0
        for (const bytes of frames) {
          stream.receive(bytes)
          received += bytes
          expect(stream.recvWindowCapacity).toBeGreaterThan(WINDOW / 2)
        }
        const granted = stream.granted.reduce((sum, bytes) => sum + bytes, 0)
        expect(received - granted).toBe(WINDOW - stream.recvWindowCapacity)
        expect(stream.granted.every((bytes) => bytes >= WINDOW / 2)).toBe(true)
      }),
    )
  })

  it('is told at once where the stream has to be acknowledged', () => {
    const stream = openStream(SYN_RECEIVED)
    stream.sendWindowUpdate()
    expect(stream.granted).toEqual([0])
    stream.receive(1)
    expect(stream.granted).toEqual([0])
  })

  it('cannot be mended in a yamux that keeps it elsewhere, and that is said', () => {
    expect(() => grantByHalves({})).toThrow('makes its streams elsewhere')
    const muxer = { _newStream: () => ({}) }
    grantByHalves(muxer)
    expect(() => muxer._newStream()).toThrow('keeps its windows elsewhere')
  })
})
