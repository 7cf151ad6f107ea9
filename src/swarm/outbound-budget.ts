/** A backlog below this is nobody's problem, and is not added up each time. */
const SMALL_BACKLOG_BYTES = 256 * 1024

/** A piece of this length is remembered, because other streams may be sent the same one. What a stream may hold is some fifty of them. */
const LARGE_BYTES = 512 * 1024

/** A libp2p stream. */
interface Sender {
  /** Bytes that it was given and has not sent yet. */
  readonly writeBufferLength: number
  abort(error: Error): void
}

/** What a stream was given. */
interface Given {
  bytes: number
  /** The large pieces that it has not sent to their end, oldest first, and where each ends in all that it was given. */
  pieces: { data: Uint8Array; endsAt: number }[]
}

/**
 * A budget of what the streams of a swarm have not sent yet. What several are to send counts as often as it is in memory, once: a block of
 * some MiB goes to eleven peers in one turn, of whom none can have read anything by then.
 *
 * @param streams those that there are now
 * @param onSlowPeer called when the fullest stream is given up because its peer does not read
 * @returns to be called with what a stream is given next
 */
export function createOutboundBudget(
  streams: () => Iterable<Sender>,
  budgetBytes: number,
  onSlowPeer: () => void,
): (stream: Sender, data: Uint8Array) => void {
  const known = new WeakMap<Sender, Given>()
  const givenTo = (stream: Sender): Given => {
    const given = known.get(stream) ?? { bytes: stream.writeBufferLength, pieces: [] }
    known.set(stream, given)
    const sentBytes = given.bytes - stream.writeBufferLength
    while (given.pieces[0] && given.pieces[0].endsAt <= sentBytes) given.pieces.shift()
    return given
  }
  const keep = (more: Uint8Array) => {
    const large = new Set([more])
    let heldBytes = 0
    let fullest: Sender | undefined
    for (const stream of streams()) {
      heldBytes += stream.writeBufferLength
      const { bytes, pieces } = givenTo(stream)
      const sentBytes = bytes - stream.writeBufferLength
      for (const { data, endsAt } of pieces) {
        heldBytes -= Math.min(data.length, endsAt - sentBytes)
        large.add(data)
      }
      if (!fullest || stream.writeBufferLength > fullest.writeBufferLength) fullest = stream
    }
    for (const { length } of large) heldBytes += length
    if (heldBytes <= budgetBytes || !fullest) return
    onSlowPeer()
    fullest.abort(new Error('the peer does not read what it is sent'))
  }
  return (stream, data) => {
    if (stream.writeBufferLength + data.length > SMALL_BACKLOG_BYTES) keep(data)
    const given = givenTo(stream)
    given.bytes += data.length
    if (data.length >= LARGE_BYTES) given.pieces.push({ data, endsAt: given.bytes })
  }
}
