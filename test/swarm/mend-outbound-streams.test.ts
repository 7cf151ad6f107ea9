import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mendOutboundStreams } from '../../src/swarm/mend-outbound-streams.ts'
import { createOutbox } from '../../src/swarm/outbox.ts'

const MIB = 1024 * 1024

/** What gossipsub gives: an array, or a list of arrays. */
interface Bytes {
  length: number
  subarray(): Uint8Array
}

/** Keeps what it is given, as the stream of a peer that does not read. */
class FakeStream {
  readonly rawStream = {
    writeBufferLength: 0,
    isAborted: false,
    abort: () => {
      this.rawStream.isAborted = true
      this.rawStream.writeBufferLength = 0
    },
  }
  readonly sent: Uint8Array[] = []

  push(_data: Uint8Array): void {
    throw new Error('gossipsub frames by itself, and refuses what is long')
  }

  pushPrefixed(data: Bytes): void {
    this.sent.push(data instanceof Uint8Array ? data : data.subarray())
    this.rawStream.writeBufferLength += data.length
  }
}

function fakeGossip(open: () => Promise<void> = async () => undefined) {
  const opened: string[] = []
  return {
    opened,
    streamsOutbound: new Map<string, FakeStream>(),
    async createOutboundStream(peer: { toString(): string }) {
      opened.push(peer.toString())
      await open()
    },
    stop: async () => undefined,
  }
}

function openStreams(gossip: ReturnType<typeof fakeGossip>, peers: readonly string[]): FakeStream[] {
  return peers.map((peer) => {
    const stream = new FakeStream()
    gossip.streamsOutbound.set(peer, stream)
    return stream
  })
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('outbound gossip streams', () => {
  it('open side by side: a peer that does not answer holds up nobody, and is asked once at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const gossip = fakeGossip(() => promise)
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    for (const peer of ['silent', 'silent', 'honest']) await gossip.createOutboundStream(peer)
    expect(gossip.opened).toEqual(['silent', 'honest'])
    resolve()
    await promise
    await Promise.resolve()
    await Promise.resolve()
    await gossip.createOutboundStream('silent')
    expect(gossip.opened).toEqual(['silent', 'honest', 'silent'])
  })

  it('carry RPCs beyond 4 MiB with their length in front', () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const [stream = expect.fail()] = openStreams(gossip, ['peer'])
    stream.push(new Uint8Array(4 * MIB))
    stream.push(new Uint8Array(4 * MIB + 1))
    const [first, second] = [stream.sent.slice(0, 17), stream.sent.slice(17)].map((parts) => Buffer.concat(parts))
    expect([first?.length, second?.length]).toEqual([4 * MIB + 4, 4 * MIB + 1 + 4])
    expect([...(second?.subarray(0, 4) ?? [])]).toEqual([0x81, 0x80, 0x80, 0x02])
  })

  it('are given what is large in arrays of their own of 256 KiB, the same for all: none keeps the rest in memory', () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const streams = openStreams(gossip, ['a', 'b'])
    const large = Buffer.alloc(MIB / 2 + 5, Uint8Array.of(1, 2, 3))
    for (const stream of streams) stream.pushPrefixed(large)
    const [a = [], b = []] = streams.map(({ sent }) => sent)
    expect(Buffer.concat(a)).toEqual(large)
    expect(a.map(({ buffer }) => buffer.byteLength)).toEqual([256 * 1024, 256 * 1024, 5])
    expect(b.every((chunk, at) => chunk === a[at])).toBe(true)
  })

  it('send each peer its own, also where another was sent as many at the same time', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const streams = openStreams(gossip, ['a', 'b', 'c'])
    const [first, second, third] = streams as [FakeStream, FakeStream, FakeStream]
    const both = Uint8Array.of(1)
    for (const stream of streams) stream.pushPrefixed(both)
    for (const stream of [first, second]) stream.pushPrefixed(Uint8Array.of(2))
    third.pushPrefixed(Uint8Array.of(3))
    await vi.advanceTimersByTimeAsync(0)
    expect(streams.map(({ sent }) => sent.map((piece) => [...piece]))).toEqual([[[1, 2]], [[1, 2]], [[1, 3]]])
  })

  it('send in one piece what is small and of one turn, in its order', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const [stream = expect.fail()] = openStreams(gossip, ['peer'])
    stream.push(Uint8Array.of(7, 8))
    // gossipsub frames its IDONTWANTs itself, in lists.
    stream.pushPrefixed({ length: 2, subarray: () => Uint8Array.of(1, 9) })
    expect(stream.sent).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect(stream.sent.map((data) => [...data])).toEqual([[2, 7, 8, 1, 9]])
    stream.push(Uint8Array.of(6))
    await vi.advanceTimersByTimeAsync(0)
    expect(stream.sent).toHaveLength(2)
  })

  it('send at once what is too much to wait, and let what is small wait again', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const [stream = expect.fail()] = openStreams(gossip, ['peer'])
    for (let piece = 0; piece < 3; piece++) stream.pushPrefixed(new Uint8Array(32 * 1024))
    expect(stream.sent.map(({ length }) => length)).toEqual([96 * 1024])
    for (const byte of [2, 3]) stream.pushPrefixed(Uint8Array.of(byte))
    expect(stream.sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(0)
    expect([...(stream.sent[1] ?? [])]).toEqual([2, 3])
  })

  it('send what is large by itself, not as a copy, after what waited for it', () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const large = new Uint8Array(64 * 1024 + 1)
    for (const peer of ['a', 'b']) {
      const stream = new FakeStream()
      gossip.streamsOutbound.set(peer, stream)
      stream.pushPrefixed(Uint8Array.of(1))
      stream.pushPrefixed(large)
      expect(stream.sent.map(({ length }) => length)).toEqual([1, large.length])
      expect(stream.sent[1]).toBe(large)
    }
  })

  it('send in a flood every 40 ms', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const [stream = expect.fail()] = openStreams(gossip, ['peer'])
    for (let byte = 0; byte < 200; byte++) {
      stream.pushPrefixed(Uint8Array.of(byte))
      await vi.advanceTimersByTimeAsync(1)
    }
    await vi.advanceTimersByTimeAsync(40)
    expect(stream.sent.flatMap((data) => [...data])).toEqual(Array.from({ length: 200 }, (_, byte) => byte))
    expect(stream.sent.length).toBeGreaterThan(10)
    expect(stream.sent.length).toBeLessThan(16)
  })

  it('are given one copy of what all are sent at a time', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const streams = openStreams(gossip, ['a', 'b', 'c'])
    const [list, message] = [{ length: 2, subarray: () => Uint8Array.of(1, 9) }, Uint8Array.of(8)]
    for (const stream of streams) for (const part of [list, message]) stream.pushPrefixed(part)
    streams[2]?.pushPrefixed(message)
    await vi.advanceTimersByTimeAsync(0)
    const [a, b, c] = streams.map(({ sent }) => sent[0])
    expect([...(a ?? [])]).toEqual([1, 9, 8])
    expect(b).toBe(a)
    expect([...(c ?? [])]).toEqual([1, 9, 8, 8])
  })

  it('are given one copy each time also where some are sent less than others', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const streams = openStreams(gossip, ['a', 'b', 'c', 'd'])
    const parts = [7, 8, 9].map((byte) => Uint8Array.of(byte))
    for (const [at, stream] of streams.entries()) for (const part of parts.slice(at % 2)) stream.pushPrefixed(part)
    await vi.advanceTimersByTimeAsync(0)
    const [a, b, c, d] = streams.map(({ sent }) => sent[0])
    expect([...(a ?? [])]).toEqual([7, 8, 9])
    expect([...(b ?? [])]).toEqual([8, 9])
    expect([c, d]).toEqual([a, b])
    expect(c).toBe(a)
    expect(d).toBe(b)
  })

  it('are given what they are sent and no more, where another was sent the same and more', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const [more = expect.fail(), less = expect.fail()] = openStreams(gossip, ['more', 'less'])
    const parts = [7, 8, 9].map((byte) => Uint8Array.of(byte))
    for (const part of parts) more.pushPrefixed(part)
    for (const part of parts.slice(0, 2)) less.pushPrefixed(part)
    await vi.advanceTimersByTimeAsync(0)
    expect([more, less].map(({ sent }) => sent.map((piece) => [...piece]))).toEqual([[[7, 8, 9]], [[7, 8]]])
  })

  it('that were closed meanwhile are no error of whoever sent', async () => {
    const gossip = fakeGossip()
    mendOutboundStreams(gossip, createOutbox(), () => undefined)
    const stream = new FakeStream()
    stream.pushPrefixed = () => {
      throw new Error('closed')
    }
    gossip.streamsOutbound.set('peer', stream)
    stream.push(Uint8Array.of(1))
    await vi.advanceTimersByTimeAsync(0)
    expect(stream.sent).toEqual([])
  })

  it.each([257, 511, 512, 1000])('share a budget of what is in memory, which messages of %i KiB fill', (kib) => {
    const gossip = fakeGossip()
    const onSlowPeer = vi.fn<() => void>()
    mendOutboundStreams(gossip, createOutbox(), onSlowPeer, 10 * MIB)
    const streams = openStreams(gossip, ['a', 'b', 'c'])
    const held = [0]
    for (let piece = 0; onSlowPeer.mock.calls.length === 0; piece++) {
      streams[piece % 3]?.pushPrefixed(new Uint8Array(kib * 1024))
      const buffers = new Set(streams.flatMap(({ sent }) => sent.map(({ buffer }) => buffer)))
      held.push([...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0))
    }
    expect(held.at(-2)).toBeLessThanOrEqual(10 * MIB)
    expect(held.at(-2)).toBeGreaterThan(7 * MIB)
    expect(streams.filter(({ rawStream }) => rawStream.isAborted)).toHaveLength(1)
  })

  it('cannot be mended in a gossipsub that keeps them elsewhere, and that is said', () => {
    expect(() => mendOutboundStreams({}, createOutbox(), () => undefined)).toThrow('no table of outbound streams')
  })
})
