import type { DialFailure } from '../mesh/snapshot.ts'

/** As noise says it, and as the native QUIC does. */
const OTHER_KEY = /does not match expected remote identity key|^Dialed peer \S+ but connected to /

/** What QUIC says when somebody answered; without an answer it says "timed out". */
const ANSWERED = /handshake failed|by peer\b|supported version/

/** From what got nowhere to what got farthest. */
const BY_REACH = ['unreachable', 'handshake_failed', 'wrong_peer_id'] as const satisfies readonly DialFailure[]

/** How far a dial came: of several addresses, the one that came farthest. */
export function dialFailure(error: unknown): DialFailure {
  if (!(error instanceof Error)) return 'unreachable'
  if (error instanceof AggregateError) {
    const reached = error.errors.map(dialFailure)
    return BY_REACH.findLast((failure) => reached.includes(failure)) ?? 'unreachable'
  }
  if (OTHER_KEY.test(error.message)) return 'wrong_peer_id'
  const isUpgrade = error.name === 'EncryptionFailedError' || error.name === 'MuxerUnavailableError'
  return isUpgrade || ANSWERED.test(error.message) ? 'handshake_failed' : 'unreachable'
}
