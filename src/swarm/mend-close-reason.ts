import type { Connection } from '@libp2p/interface'
import { errorText } from '../errors.ts'
import { raceAbort } from '../lifecycle/deadline.ts'
import type { DisconnectReason } from '../measure/connection-events.ts'

/** How long QUIC may take to say why; it takes milliseconds. */
const ANSWER_DEADLINE_MS = 1000

/**
 * Says why a connection closed; to be asked while it is open. libp2p 3.3 ends QUIC connections without a reason: its native
 * part knows it, and tells it to who opens a stream. Over TCP a peer that is killed looks as one that leaves, because its kernel
 * says goodbye for it.
 */
export function watchClose(connection: Connection): () => Promise<DisconnectReason> {
  const ended: { error?: Error; isLocal: boolean } = { isLocal: false }
  const { close, abort } = connection
  connection.close = async (options) => {
    ended.isLocal = true
    await close.call(connection, options)
  }
  connection.abort = (error) => {
    ended.isLocal = true
    abort.call(connection, error)
  }
  connection.addEventListener('close', ({ error }) => {
    if (error) ended.error = error
  })
  return async () => {
    if (ended.isLocal) return 'local_close'
    if (ended.error) return errorReason(ended.error)
    return connection.multiplexer === 'quic' ? quicReason(await askQuic(connection)) : 'remote_close'
  }
}

/** A kernel resets a TCP connection whose end left something unread, however its process ended. */
const RESET_CODES: readonly unknown[] = ['ECONNRESET', 'EPIPE']

function errorReason(error: Error): DisconnectReason {
  if (isTimeout(error)) return 'timeout'
  return RESET_CODES.includes(Reflect.get(error, 'code')) ? 'remote_close' : 'error'
}

interface StreamOpener {
  createStream(): Promise<unknown>
}

/** Why no stream can be opened any more. */
async function askQuic(connection: Connection): Promise<string> {
  const muxer = Reflect.get(connection, 'muxer') as StreamOpener | undefined
  if (typeof muxer?.createStream !== 'function') throw new Error('this libp2p has no muxer that could be asked')
  const opening = muxer.createStream().then(() => '', errorText)
  return raceAbort(opening, AbortSignal.timeout(ANSWER_DEADLINE_MS)).catch(() => '')
}

/** quinn's words. */
function quicReason(text: string): DisconnectReason {
  if (text.includes('timed out')) return 'timeout'
  if (text.includes('closed by peer')) return 'remote_close'
  return text.endsWith('closed') ? 'local_close' : 'error'
}

export function isTimeout(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isTimeout)
  return error instanceof Error && (error.name === 'TimeoutError' || error.message === 'timed out')
}
