import type { Socket } from 'node:net'
import type { Connection, Stream } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { createTestNode } from '../support/test-node.ts'

const PROTOCOL = '/test/frames/1.0.0'
const MESSAGE_BYTES = 3200
const MESSAGES = 30
const WINDOW_UPDATE = 1

/** js yamux's muxer, on js noise's connection, on js libp2p's TCP. */
interface Muxer {
  sendFrame(header: { type: number }, data?: unknown): boolean
  maConn: { stream: { socket: Socket } }
}

async function startNode() {
  const { libp2p } = await createTestNode({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  await libp2p.start()
  return libp2p
}

function muxerOf(connection: Connection | undefined): Muxer {
  return Reflect.get(connection ?? {}, 'muxer') as Muxer
}

it('over TCP a message is one frame and one write, and hardly one is answered with a window update', async () => {
  const [reader, writer] = [await startNode(), await startNode()]
  try {
    const counts = { windowUpdates: 0, writes: 0 }
    let received = 0
    let hasCome = Promise.withResolvers<void>()
    await reader.handle(PROTOCOL, (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => {
        received += data.byteLength
        if (received % MESSAGE_BYTES === 0) hasCome.resolve()
      })
    })
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
      await hasCome.promise
      hasCome = Promise.withResolvers<void>()
    }
    expect(received).toBe(MESSAGES * MESSAGE_BYTES)
    // Identify and the protocol's name are among them, and what acknowledges streams.
    expect(counts.writes).toBeLessThan(MESSAGES + 15)
    expect(counts.windowUpdates).toBeLessThan(5)
  } finally {
    await Promise.all([reader.stop(), writer.stop()])
  }
})
