import type { Stream } from '@libp2p/interface'
import { expect, it, vi } from 'vitest'
import { readMore } from '../../src/swarm/mend-quic-reads.ts'
import { createTestNode } from '../support/test-node.ts'

const PROTOCOL = '/test/sizes/1.0.0'
const SENT_BYTES = 2 * 1024 * 1024
/** What @chainsafe/libp2p-quic asks for by itself. */
const STOCK_READ_BYTES = 4096

async function startNode() {
  const { libp2p } = await createTestNode()
  await libp2p.start()
  return libp2p
}

it('a QUIC stream that has much to read is read in larger pieces than libp2p asks for', async () => {
  const [reader, writer] = [await startNode(), await startNode()]
  try {
    const sizes: number[] = []
    const received = Promise.withResolvers<void>()
    await reader.handle(PROTOCOL, (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => {
        sizes.push(data.byteLength)
        if (sizes.reduce((sum, size) => sum + size, 0) === SENT_BYTES) received.resolve()
      })
    })
    const stream = await writer.dialProtocol(
      reader.getMultiaddrs().filter((address) => address.toString().includes('quic')),
      PROTOCOL,
    )
    stream.send(new Uint8Array(SENT_BYTES))
    await received.promise
    expect(Math.max(...sizes)).toBeGreaterThan(STOCK_READ_BYTES)
  } finally {
    await Promise.all([reader.stop(), writer.stop()])
  }
})

it('a QUIC that reads elsewhere is refused at start, and one that was mended is left alone', async () => {
  expect(() => readMore({})).toThrow('reads its streams elsewhere')
  expect(() => readMore({ Stream: { prototype: {} } })).toThrow('reads its streams elsewhere')
  const native = { Stream: { prototype: { read: async () => null } } }
  readMore(native)
  const { read } = native.Stream.prototype
  readMore(native)
  expect(native.Stream.prototype.read).toBe(read)
})

it('a stream that fills its reads is asked for more each time, up to 64 KiB, and for less when that would do', async () => {
  const asked: number[] = []
  const [all, most, few] = [1, 0.5, 0.2]
  const read = [few, all, all, all, all, most, few, few, few, all, few]
  const prototype = {
    async read(bytes: number): Promise<Uint8Array | null> {
      asked.push(bytes)
      return new Uint8Array(Math.ceil(bytes * (read[asked.length - 1] ?? 0)))
    },
  }
  readMore({ Stream: { prototype } })
  for (const _ of read) await prototype.read(STOCK_READ_BYTES)
  expect(asked.map((bytes) => bytes / STOCK_READ_BYTES)).toEqual([1, 1, 4, 16, 16, 16, 16, 4, 1, 1, 4])
})

it('in a flood a stream is read once in 20 ms, but at once where a read was filled', async () => {
  vi.useFakeTimers()
  try {
    let [reads, isFilled] = [0, false]
    const prototype = {
      read: (bytes: number) => Promise.resolve(new Uint8Array(isFilled && reads++ < 100 ? bytes : (reads++, 1))),
    }
    readMore({ Stream: { prototype } })
    const end = performance.now() + 1000
    const reading = (async () => {
      while (performance.now() < end) await prototype.read(STOCK_READ_BYTES)
    })()
    await vi.advanceTimersByTimeAsync(500)
    expect(reads).toBeGreaterThan(20)
    expect(reads).toBeLessThan(36)
    ;[reads, isFilled] = [0, true]
    await vi.advanceTimersByTimeAsync(21)
    expect(reads).toBeGreaterThanOrEqual(100)
    await vi.advanceTimersByTimeAsync(1000)
    await reading
  } finally {
    vi.useRealTimers()
  }
})

it('streams are read in sizes of their own, and the end of one is not taken for much', async () => {
  const asked: number[] = []
  class Stream {
    read(bytes: number): Promise<Uint8Array | null> {
      asked.push(bytes)
      return Promise.resolve(this === busy ? new Uint8Array(bytes) : null)
    }
  }
  readMore({ Stream })
  const [busy, ended] = [new Stream(), new Stream()]
  for (const stream of [busy, ended, busy, ended]) await stream.read(STOCK_READ_BYTES)
  expect(asked.map((bytes) => bytes / STOCK_READ_BYTES)).toEqual([1, 1, 4, 1])
})

it('busy streams that all wait hold 4 MiB more than libp2p asks for, and no more', async () => {
  let [waits, asked] = [false, 0]
  class Stream {
    read(bytes: number): Promise<Uint8Array | null> {
      if (waits) asked += bytes - STOCK_READ_BYTES
      return waits ? new Promise(() => undefined) : Promise.resolve(new Uint8Array(bytes))
    }
  }
  readMore({ Stream })
  const streams = Array.from({ length: 1000 }, () => new Stream())
  for (let reads = 0; reads < 2; reads++) for (const stream of streams) await stream.read(STOCK_READ_BYTES)
  waits = true
  for (const stream of streams) void stream.read(STOCK_READ_BYTES)
  const largest = 16 * STOCK_READ_BYTES - STOCK_READ_BYTES
  expect(asked).toBeGreaterThan(4 * 1024 * 1024 - largest)
  expect(asked).toBeLessThanOrEqual(4 * 1024 * 1024)
})
