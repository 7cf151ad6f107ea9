import type { Connection, Stream } from '@libp2p/interface'
import type { Totals } from '../measure/totals.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import { CODE_INVALID_REQUEST, parseStatusRequest, STATUS_DEADLINE_MS, statusResponse } from './status-codec.ts'

/** Requests of one connection at a time: an asker needs one. */
export const STATUS_STREAMS = { maxInboundStreams: 4 }

/**
 * Answers a Status request with the asker's own Status: a monitor has no head of its own, and claiming any could make
 * the peer sync from it or cut it off.
 *
 * @param onStatus told what each asker says of itself
 */
export function createStatusHandler(
  totals: Totals,
  onStatus: (peer: PeerIdString, body: Buffer) => void,
): (stream: Stream, connection: Connection) => Promise<void> {
  return async (stream, { remotePeer }) => {
    const signal = AbortSignal.timeout(STATUS_DEADLINE_MS)
    const onTimeout = () => stream.abort(new Error('status request timed out'))
    signal.addEventListener('abort', onTimeout)
    try {
      const body = await readRequest(stream)
      stream.send(statusResponse(body))
      totals.counter('leanmesh_status_requests_total', { result: 'answered' }).value++
      onStatus(remotePeer.toString(), body)
    } catch {
      totals.counter('leanmesh_status_requests_total', { result: 'invalid' }).value++
      if (stream.writeStatus === 'writable') stream.send(Buffer.of(CODE_INVALID_REQUEST))
    }
    const ended = untilAskerEnds(stream)
    await stream.close({ signal }).catch((error) => stream.abort(error))
    await ended
    signal.removeEventListener('abort', onTimeout)
  }
}

/**
 * An asker that leaves its side open would hold one of its few streams for ever: the deadline ends this wait. To be called
 * before this side is closed, because a stream that is closed does not say so again.
 */
async function untilAskerEnds(stream: Stream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // Ended by a reset, or by the deadline.
  }
}

async function readRequest(stream: Stream): Promise<Buffer> {
  let received = Buffer.alloc(0)
  for await (const chunk of stream) {
    received = Buffer.concat([received, chunk.subarray()])
    const body = parseStatusRequest(received)
    if (body) return body
  }
  throw new Error('request ended early')
}
