import { errorText } from '../errors.ts'
import type { DialFailure } from '../mesh/snapshot.ts'

/** Why a dial failed: how far it came, and the text of the error. */
export interface FailedDial {
  failure: DialFailure
  reason: string
}

/** As noise says it, and as the native QUIC does. */
const OTHER_KEY = /does not match expected remote identity key|^Dialed peer \S+ but connected to /

/** What QUIC says when somebody answered; without an answer it says "timed out". */
const ANSWERED = /handshake failed|by peer\b|supported version/

/** From what got nowhere to what got farthest. */
const BY_REACH = ['unreachable', 'handshake_failed', 'wrong_peer_id'] as const satisfies readonly DialFailure[]

/** Of several addresses, the one that came farthest is told: what they have in common says nothing. */
export function readDialError(error: unknown): FailedDial {
  if (error instanceof AggregateError) {
    const dials = error.errors.map(readDialError)
    const farthest = BY_REACH.findLast((reach) => dials.some(({ failure }) => failure === reach))
    return dials.find(({ failure }) => failure === farthest) ?? { failure: 'unreachable', reason: errorText(error) }
  }
  return { failure: failureOf(error), reason: errorText(error) }
}

function failureOf(error: unknown): DialFailure {
  if (!(error instanceof Error)) return 'unreachable'
  if (OTHER_KEY.test(error.message)) return 'wrong_peer_id'
  const isUpgrade = error.name === 'EncryptionFailedError' || error.name === 'MuxerUnavailableError'
  return isUpgrade || ANSWERED.test(error.message) ? 'handshake_failed' : 'unreachable'
}
