import type { Connection, Stream } from '@libp2p/interface'
import { raceAbort } from '../lifecycle/deadline.ts'
import {
  MAX_STATUS_BYTES,
  parseStatusResponse,
  STATUS_DEADLINE_MS,
  STATUS_PROTOCOL,
  type StatusAnswer,
  statusRequest,
} from './status-codec.ts'

/** What became of a request. */
export type StatusOutcome = StatusAnswer | { result: 'unsupported' | 'timeout' | 'failed' }

/** How long a peer that has answered may leave its side open, in milliseconds. */
const CLOSING_MS = 500

/**
 * Asks a peer for its Status, over a connection that is there. Reads no more than 1 KiB, takes no longer than 5 s, and
 * leaves no stream behind. Never rejects: a request that `stopping` ends has failed.
 *
 * @param body what we say of ourselves
 */
export async function askStatus(
  connection: Connection,
  body: Uint8Array,
  stopping: AbortSignal,
): Promise<StatusOutcome> {
  const deadline = AbortSignal.timeout(STATUS_DEADLINE_MS)
  const signal = AbortSignal.any([stopping, deadline])
  try {
    // A peer that grants no stream holds this up; libp2p ends one that comes too late.
    const stream = await raceAbort(connection.newStream(STATUS_PROTOCOL, { signal }), signal)
    return await converse(stream, statusRequest(body), signal)
  } catch (error) {
    if (deadline.aborted) return { result: 'timeout' }
    const isUnsupported = error instanceof Error && error.name === 'UnsupportedProtocolError'
    return { result: isUnsupported ? 'unsupported' : 'failed' }
  }
}

async function converse(stream: Stream, request: Buffer, signal: AbortSignal): Promise<StatusOutcome> {
  const end = () => stream.abort(new Error('the exchange is over'))
  signal.addEventListener('abort', end)
  let closing: NodeJS.Timeout | undefined
  try {
    stream.send(request)
    const answering = readAnswer(stream, () => (closing = setTimeout(end, CLOSING_MS)))
    // Some peers answer only after the end of the request. Of a failure `answering` hears too.
    const closed = stream.close({ signal }).catch(end)
    const answer = await answering
    await closed
    return answer
  } finally {
    clearTimeout(closing)
    signal.removeEventListener('abort', end)
    // Of no effect on a stream that both sides have closed.
    end()
  }
}

/**
 * Reads until the peer has closed its side, so that the stream ends without a reset.
 *
 * @throws Error when the stream ends without an answer
 */
async function readAnswer(stream: Stream, onAnswer: () => void): Promise<StatusOutcome> {
  let received = Buffer.alloc(0)
  let answer: StatusAnswer | undefined
  try {
    for await (const chunk of stream) {
      if (received.length + chunk.byteLength > MAX_STATUS_BYTES) return answer ?? { result: 'invalid' }
      received = Buffer.concat([received, chunk.subarray()])
      if (answer) continue
      answer = parseStatusResponse(received)
      if (answer) onAnswer()
    }
  } catch (error) {
    if (!answer) throw error
  }
  // A reset looks like an end over QUIC.
  if (received.length === 0) throw new Error('the stream ended without an answer')
  return answer ?? { result: 'invalid' }
}
