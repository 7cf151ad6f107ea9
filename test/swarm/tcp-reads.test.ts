import type { Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { expect, it, vi } from 'vitest'
import { startTcpNode } from '../support/test-node.ts'

const PROTOCOL = '/test/reads/1.0.0'
/** Of one kind each, so that what was overwritten shows. */
const message = (bytes: number, kind: number) => Buffer.alloc(bytes, kind)

/** js noise's connection, and js libp2p's TCP under it. */
interface Layer {
  readStatus: string
  readBuffer: { byteLength: number }
  stream: Layer & { socket: Socket }
}

/** Two nodes, and what comes to the first of them in each stream, as far as the stream is read. */
async function startPair() {
  const [reader, writer] = [await startTcpNode(), await startTcpNode()]
  const streams: Stream[] = []
  const received: Buffer[] = []
  await reader.handle(PROTOCOL, (stream: Stream) => {
    const at = streams.push(stream) - 1
    received[at] = Buffer.alloc(0)
    stream.addEventListener('message', ({ data }) => {
      received[at] = Buffer.concat([received[at] ?? Buffer.alloc(0), data.subarray()])
    })
  })
  const connection = await writer.dial(reader.getMultiaddrs())
  let opened = 0
  const open = async () => {
    const stream = await connection.newStream(PROTOCOL)
    const at = opened++
    stream.send(Buffer.from('>'))
    await expect.poll(() => received[at]?.toString()).toBe('>')
    return stream
  }
  const layer = () => Reflect.get(reader.getConnections()[0] ?? {}, 'muxer') as { maConn: Layer }
  return { open, received, streams, layer: () => layer().maConn }
}

it('a connection of a node makes no event for what it reads', async () => {
  const { open, received, layer } = await startPair()
  const stream = await open()
  const events = vi.fn<() => void>()
  layer().stream.socket.on('data', events)
  stream.send(message(300_000, 1))
  await expect.poll(() => received[0]?.length).toBe(300_001)
  expect(events).not.toHaveBeenCalled()
})

it.each([100, 3000, 40_000])('what waits in a stream that is not read stays as it came: %i bytes', async (bytes) => {
  const { open, received, streams } = await startPair()
  const [waiting, other] = [await open(), await open()]
  streams[0]?.pause()
  waiting.send(message(bytes, 1))
  await expect.poll(() => (streams[0] as unknown as Layer).readBuffer.byteLength).toBe(bytes)
  other.send(message(bytes, 2))
  await expect.poll(() => received[1]?.length).toBe(1 + bytes)
  streams[0]?.resume()
  await expect.poll(() => received[0]?.length).toBe(1 + bytes)
  expect(received[0]?.subarray(1).equals(message(bytes, 1))).toBe(true)
})

it.each(['Noise', 'TCP'])('what waits in a layer that is not read stays as it came: %s', async (name) => {
  const { open, received, layer } = await startPair()
  const stream = await open()
  const held = name === 'TCP' ? layer().stream : layer()
  // Its own `pause` would stop the socket.
  held.readStatus = 'paused'
  for (let kind = 1; kind <= 3; kind++) {
    const before = held.readBuffer.byteLength
    stream.send(message(500, kind))
    await expect.poll(() => held.readBuffer.byteLength).toBeGreaterThan(before + 500)
  }
  held.readStatus = 'readable'
  stream.send(message(500, 4))
  await expect.poll(() => received[0]?.length).toBe(1 + 4 * 500)
  const sent = Array.from({ length: 4 }, (_, at) => message(500, at + 1))
  expect(received[0]?.subarray(1).equals(Buffer.concat(sent))).toBe(true)
})
