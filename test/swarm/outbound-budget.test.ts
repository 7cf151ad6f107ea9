import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutboundBudget } from '../../src/swarm/outbound-budget.ts'

const MIB = 1024 * 1024

/** A stream of a peer that reads when it is told to. */
class FakeStream {
  writeBufferLength = 0
  isAborted = false
  readonly unsent: { data: Uint8Array; bytes: number }[] = []

  send(data: Uint8Array): void {
    this.unsent.push({ data, bytes: data.length })
    this.writeBufferLength += data.length
  }

  read(bytes: number): void {
    this.writeBufferLength = Math.max(0, this.writeBufferLength - bytes)
    for (let left = bytes; left > 0 && this.unsent[0];) {
      const [first] = this.unsent
      const taken = Math.min(left, first.bytes)
      left -= taken
      first.bytes -= taken
      if (first.bytes === 0) this.unsent.shift()
    }
  }

  abort(): void {
    this.isAborted = true
    this.read(Infinity)
  }
}

function setUp(count: number, budgetBytes = 10 * MIB) {
  const streams = Array.from({ length: count }, () => new FakeStream())
  let slow = 0
  const sendWithin = createOutboundBudget(
    () => streams,
    budgetBytes,
    () => (slow += 1),
  )
  const send = (stream: FakeStream | undefined, data: Uint8Array) => {
    if (stream) sendWithin(stream, data, () => stream.send(data))
  }
  return {
    streams,
    send,
    sendAll: (data: Uint8Array) => streams.forEach((stream) => send(stream, data)),
    slow: () => slow,
  }
}

describe('what streams have not sent', () => {
  it('counts once when it is the same for all: no peer is given up that has had no time to read', () => {
    const { sendAll, slow } = setUp(11)
    sendAll(new Uint8Array(9 * MIB))
    expect(slow()).toBe(0)
  })

  it('counts whole until the slowest has sent all of it', () => {
    const { streams, sendAll, slow } = setUp(3)
    sendAll(new Uint8Array(6 * MIB))
    for (const stream of streams.slice(1)) stream.read(6 * MIB)
    streams[0]?.read(6 * MIB - 1)
    sendAll(new Uint8Array(6 * MIB))
    expect(slow()).toBe(1)
    expect(streams.map(({ isAborted }) => isAborted)).toEqual([true, false, false])
  })

  it('counts no more when it was sent', () => {
    const { streams, sendAll, slow } = setUp(3)
    for (let message = 0; message < 5; message++) {
      sendAll(new Uint8Array(6 * MIB))
      for (const stream of streams) stream.read(6 * MIB)
    }
    expect(slow()).toBe(0)
  })

  it('counts each when it is another for each', () => {
    const { streams, send, slow } = setUp(3)
    for (const stream of streams) send(stream, new Uint8Array(4 * MIB))
    expect(slow()).toBe(1)
  })

  it('is that of streams as they are: one that was closed counts no more', () => {
    const { streams, send, slow } = setUp(3)
    for (const stream of streams.slice(1)) send(stream, new Uint8Array(4 * MIB))
    streams.pop()
    send(streams[0], new Uint8Array(4 * MIB))
    expect(slow()).toBe(0)
  })

  it('is not what a stream could not be given', () => {
    const { streams, send, slow } = setUp(2)
    const [closed, open] = streams
    if (closed) closed.send = () => expect.fail('closed')
    for (let message = 0; message < 3; message++) expect(() => send(closed, new Uint8Array(4 * MIB))).toThrow('closed')
    send(open, new Uint8Array(9 * MIB))
    expect(slow()).toBe(0)
  })
})

describe('a stream that is given up', () => {
  const abortedOf = (streams: readonly FakeStream[]) => streams.flatMap(({ isAborted }, at) => (isAborted ? [at] : []))

  it('is of those who hold what nobody else does, and not of the many who were just sent a block', () => {
    const { streams, send } = setUp(20)
    const [slow, healthy] = [streams.slice(0, 9), streams.slice(9)]
    for (const stream of slow) send(stream, new Uint8Array(MIB))
    const block = new Uint8Array(6 * MIB)
    for (const stream of healthy) send(stream, block)
    expect(abortedOf(streams)).toEqual([0, 1, 2, 3, 4])
  })

  it('is one of which a piece is in memory for its last byte, before those who were just sent a block', () => {
    const { streams, send } = setUp(5)
    const [slow, ...healthy] = streams
    send(slow, new Uint8Array(5 * MIB))
    slow?.read(5 * MIB - 1)
    const block = new Uint8Array(6 * MIB)
    for (const stream of healthy) send(stream, block)
    expect(abortedOf(streams)).toEqual([0])
  })

  it('is the fullest where all hold the same', () => {
    const { streams, sendAll, send } = setUp(3)
    sendAll(new Uint8Array(6 * MIB))
    streams[2]?.read(6 * MIB)
    streams[1]?.read(MIB)
    send(streams[2], new Uint8Array(6 * MIB))
    expect(abortedOf(streams)).toEqual([0])
  })
})

describe('a budget', () => {
  it('is used up exactly when what is in memory, and what is sent next, is more', () => {
    const pieces = [0.1, 0.6, 1, 4].map((mib) => new Uint8Array(mib * MIB))
    const step = fc.tuple(fc.nat(3), fc.constantFrom(...pieces), fc.nat(3 * MIB), fc.boolean())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { streams, send, slow } = setUp(4, 5 * MIB)
        for (const [at, piece, readBytes, isShared] of steps) {
          const stream = streams[at] ?? expect.fail('no stream')
          const data = isShared ? piece : piece.slice()
          const isBacklog = stream.writeBufferLength + data.length > 256 * 1024
          const isTooMuch = bytesInMemory(streams, data) > 5 * MIB
          const before = slow()
          send(stream, data)
          expect(slow() - before).toBe(isBacklog && isTooMuch ? 1 : 0)
          streams[(at + 1) % 4]?.read(readBytes)
        }
      }),
    )
  })
})

/** What is large counts whole, and once; what is small as far as it was not sent. */
function bytesInMemory(streams: readonly FakeStream[], more: Uint8Array): number {
  const unsent = streams.flatMap((stream) => stream.unsent)
  const large = new Set([more, ...unsent.map(({ data }) => data).filter(isLarge)])
  const small = unsent.filter(({ data }) => !isLarge(data)).reduce((sum, { bytes }) => sum + bytes, 0)
  return [...large].reduce((sum, { length }) => sum + length, small)
}

function isLarge({ length }: Uint8Array): boolean {
  return length >= 512 * 1024
}
