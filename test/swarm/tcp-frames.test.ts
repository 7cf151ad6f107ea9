import type { Socket } from 'node:net'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { startTcpNode } from '../support/test-node.ts'

/** More than a frame of Noise, and than a socket takes before it says that it is full. */
const LARGE_BYTES = 200_000
const LARGE_MESSAGES = 20
const PROTOCOL = '/test/frames/1.0.0'
const MESSAGE_BYTES = 3200
const MESSAGES = 30
const WINDOW_UPDATE = 1

/** js yamux's muxer, on js noise's connection, on js libp2p's TCP. */
interface Muxer {
  sendFrame(header: { type: number }, data?: unknown): boolean
  /** In milliseconds; -1 while it is not known. */
  getRTT(): number
  maConn: { stream: { socket: Socket } }
}

function muxerOf(connection: Connection | undefined): Muxer {
  return Reflect.get(connection ?? {}, 'muxer') as Muxer
}

/** @returns what waits until so many bytes came, and tells how many did */
async function handleBytes(reader: Libp2p) {
  let received = 0
  let wait = { bytes: 0, end: Promise.withResolvers<void>() }
  await reader.handle(PROTOCOL, (stream: Stream) => {
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= wait.bytes) wait.end.resolve()
    })
  })
  return async (bytes: number) => {
    wait = { bytes, end: Promise.withResolvers<void>() }
    if (received < bytes) await wait.end.promise
    return received
  }
}

it('over TCP a message is one frame and one write, and hardly one is answered with a window update', async () => {
  const [reader, writer] = [await startTcpNode(), await startTcpNode()]
  const counts = { windowUpdates: 0, writes: 0 }
  const hasCome = await handleBytes(reader)
  const connection = await writer.dial(reader.getMultiaddrs())
  await expect.poll(() => reader.getConnections(writer.peerId).length).toBe(1)
  const muxer = muxerOf(reader.getConnections(writer.peerId)[0])
  const sendFrame = muxer.sendFrame.bind(muxer)
  // Streams that are made from here on send through it.
  muxer.sendFrame = (header, data) => {
    if (header.type === WINDOW_UPDATE) counts.windowUpdates += 1
    return sendFrame(header, data)
  }
  const stream = await connection.newStream(PROTOCOL)
  const { socket } = muxerOf(connection).maConn.stream
  const write = socket.write.bind(socket)
  socket.write = (data: Uint8Array) => {
    counts.writes += 1
    return write(data)
  }
  for (let index = 0; index < MESSAGES; index++) {
    stream.send(new Uint8Array(MESSAGE_BYTES))
    expect(await hasCome((index + 1) * MESSAGE_BYTES)).toBe((index + 1) * MESSAGE_BYTES)
  }
  // Identify and the protocol's name are among them, and what acknowledges streams.
  expect(counts.writes).toBeLessThan(MESSAGES + 15)
  expect(counts.windowUpdates).toBeLessThan(5)
})

it('over TCP a large message is written in as few calls as it has frames, and a socket that takes all is not said to be full', async () => {
  const [reader, writer] = [await startTcpNode(), await startTcpNode()]
  const hasCome = await handleBytes(reader)
  const connection = await writer.dial(reader.getMultiaddrs())
  const stream = await connection.newStream(PROTOCOL)
  const { socket } = muxerOf(connection).maConn.stream
  const counts = { calls: 0, full: 0 }
  for (const method of ['_write', '_writev'] as const) {
    const call = Reflect.get(socket, method) as (...args: unknown[]) => void
    Reflect.set(socket, method, (...args: unknown[]) => {
      counts.calls += 1
      call.apply(socket, args)
    })
  }
  const write = socket.write.bind(socket)
  socket.write = (data: Uint8Array) => {
    const isFree = write(data)
    if (!isFree) counts.full += 1
    return isFree
  }
  for (let index = 0; index < LARGE_MESSAGES; index++) {
    stream.send(new Uint8Array(LARGE_BYTES))
    expect(await hasCome((index + 1) * LARGE_BYTES)).toBe((index + 1) * LARGE_BYTES)
  }
  const frames = Math.ceil(LARGE_BYTES / (63 * 1024))
  expect(counts.calls).toBeLessThan(LARGE_MESSAGES * (frames + 1) + 15)
  expect(counts.full).toBe(0)
})

it('over TCP the time of a round trip is known at once, without which windows do not grow', async () => {
  const [reader, writer] = [await startTcpNode(), await startTcpNode()]
  const connection = await writer.dial(reader.getMultiaddrs())
  await expect.poll(() => muxerOf(connection).getRTT()).toBeGreaterThanOrEqual(0)
})
