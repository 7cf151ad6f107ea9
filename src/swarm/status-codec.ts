import { LeanmeshError } from '../errors.ts'
import { decodeFrame, encodeFrame } from './snappy-frame.ts'

export const STATUS_PROTOCOL = '/leanconsensus/req/status/1/ssz_snappy'

/** finalized.root 32 | finalized.slot u64 LE | head.root 32 | head.slot u64 LE */
export const STATUS_BODY_BYTES = 80

/** A framed body of 80 bytes with its length fits many times over; a peer that sends more is cut off. */
export const MAX_STATUS_BYTES = 1024
/** For one exchange, from the first byte to the last, in milliseconds. */
export const STATUS_DEADLINE_MS = 5000

const CODE_OK = 0
export const CODE_INVALID_REQUEST = 1
const CODE_SERVER_ERROR = 2
const CODE_RESOURCE_UNAVAILABLE = 3
const REFUSALS = [CODE_INVALID_REQUEST, CODE_SERVER_ERROR, CODE_RESOURCE_UNAVAILABLE]

/** What a peer answered: its Status, a code that says no, or what is no answer. */
export type StatusAnswer = { result: 'answered'; body: Buffer } | { result: 'refused' | 'invalid' }

/** uvarint(80) || framed body. */
export function statusRequest(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(STATUS_BODY_BYTES), encodeFrame(body)])
}

/** Code byte, length and frame in one piece: some readers fail on a response that arrives in several writes. */
export function statusResponse(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(CODE_OK), statusRequest(body)])
}

/**
 * Reads a request. Undefined while more has to arrive.
 *
 * @throws LeanmeshError `ERR_STATUS_INVALID` or `ERR_SNAPPY_FRAME` when it is no valid request
 */
export function parseStatusRequest(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length > MAX_STATUS_BYTES) throw new LeanmeshError('ERR_STATUS_INVALID', 'the request is too long')
  if (bytes.length === 0) return undefined
  // 80 is below 128, so its varint is the one byte itself.
  if (bytes[0] !== STATUS_BODY_BYTES)
    throw new LeanmeshError('ERR_STATUS_INVALID', 'the request announces a wrong body length')
  return decodeFrame(bytes.subarray(1), STATUS_BODY_BYTES)
}

/** Reads a response. Undefined while more has to arrive. After its code, a response is built as a request is. */
export function parseStatusResponse(bytes: Uint8Array): StatusAnswer | undefined {
  const [code] = bytes
  if (code === undefined) return undefined
  if (REFUSALS.includes(code)) return { result: 'refused' }
  if (code !== CODE_OK) return { result: 'invalid' }
  try {
    const body = parseStatusRequest(bytes.subarray(1))
    return body && { result: 'answered', body }
  } catch {
    return { result: 'invalid' }
  }
}
