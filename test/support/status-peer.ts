import type { Connection, Stream } from '@libp2p/interface'
import { STATUS_PROTOCOL, statusResponse } from '../../src/swarm/status-codec.ts'
import { startPlainPeer, type PlainPeer, type PlainPeerOptions } from './plain-peer.ts'

/** Does with the stream of a request what it likes. */
export type StatusHandler = (stream: Stream, connection: Connection) => Promise<void>

/** A peer that answers Status requests in its own way, or not. */
export async function startStatusPeer(handler: StatusHandler, options: PlainPeerOptions = {}): Promise<PlainPeer> {
  const peer = await startPlainPeer(options)
  await peer.libp2p.handle(STATUS_PROTOCOL, (stream, connection) => {
    // The asker may leave in the middle of it.
    handler(stream, connection).catch(() => undefined)
  })
  return peer
}

/** All that comes until the far side ends. */
export async function readAll(stream: Stream): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk.subarray())
  return Buffer.concat(chunks)
}

/** Answers as a client does. */
export function answering(
  body: () => Uint8Array,
  onRequest: (request: Buffer) => void = () => undefined,
): StatusHandler {
  return async (stream) => {
    onRequest(await readAll(stream))
    stream.send(statusResponse(body()))
    await stream.close()
  }
}
