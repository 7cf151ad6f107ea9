import type { Connection, Stream } from '@libp2p/interface'
import type { Totals } from '../measure/totals.ts'
import { decodeFrame, encodeFrame } from './snappy-frame.ts'

export const STATUS_PROTOCOL = '/leanconsensus/req/status/1/ssz_snappy'

/** finalized.root 32 | finalized.slot u64 LE | head.root 32 | head.slot u64 LE */
export const STATUS_BODY_BYTES = 80

/** A framed body of 80 bytes with its length fits many times over; a peer that sends more is cut off. */
const MAX_REQUEST_BYTES = 1024
const REQUEST_DEADLINE_MS = 5000
const CODE_OK = 0
const CODE_INVALID_REQUEST = 1

/**
 * Reads one Status request: uvarint(80) || framed body. Undefined while more has to arrive.
 *
 * @throws Error when it is no valid request
 */
export function parseStatusRequest(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length > MAX_REQUEST_BYTES) throw new Error('request too long')
  if (bytes.length === 0) return undefined
  // 80 is below 128, so its varint is the one byte itself.
  if (bytes[0] !== STATUS_BODY_BYTES) throw new Error('wrong body length')
  return decodeFrame(bytes.subarray(1), STATUS_BODY_BYTES)
}

/** Code byte, length and frame in one piece: some readers fail on a response that arrives in several writes. */
export function statusResponse(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(CODE_OK, STATUS_BODY_BYTES), encodeFrame(body)])
}

/**
 * Answers a Status request with the asker's own Status: a monitor has no head of its own, and claiming any could make
 * the peer sync from it or cut it off.
 */
export function createStatusHandler(totals: Totals): (stream: Stream, connection: Connection) => Promise<void> {
  return async (stream) => {
    const signal = AbortSignal.timeout(REQUEST_DEADLINE_MS)
    const onTimeout = () => stream.abort(new Error('status request timed out'))
    signal.addEventListener('abort', onTimeout)
    try {
      stream.send(statusResponse(await readRequest(stream)))
      totals.counter('leanmesh_status_requests_total', { result: 'answered' }).value++
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
