/** A backlog below this is nobody's problem, and is not added up each time. */
const SMALL_BACKLOG_BYTES = 256 * 1024

/** A piece of this length is remembered, because other streams may be sent the same one. What a stream may hold is some fifty of them. */
const LARGE_BYTES = 512 * 1024

/** Giving a stream up pays where it alone holds so much: 300 streams that hold less are no 64 MiB. */
const WORTHWHILE_BYTES = 128 * 1024

/** A libp2p stream. */
interface Sender {
  /** Bytes that it was given and has not sent yet. */
  readonly writeBufferLength: number
  abort(error: Error): void
}

/** Stands for a large piece of data, which it does not keep in memory. */
interface Piece {
  readonly bytes: number
}

/** What a stream was given. */
interface Given {
  bytes: number
  /** The large pieces that it has not sent to their end, oldest first, and where each ends in all that it was given. */
  pieces: { piece: Piece; endsAt: number }[]
}

/** What a stream has not sent: large pieces, which are in memory whole, and bytes beside them. */
interface Unsent {
  stream: Sender
  pieces: readonly Piece[]
  smallBytes: number
}

/** Gives a stream something to send, by calling `push`. */
export type SendWithin = (stream: Sender, data: Uint8Array, push: () => void) => void

/**
 * A budget of what the streams of a swarm have not sent yet. What several are to send counts as often as it is in memory, once: a block of
 * some MiB goes to eleven peers in one turn, of whom none can have read anything by then. Beyond the budget a stream is given up: the one
 * that alone holds most, because what others hold as well stays in memory, or else the fullest.
 *
 * @param streams those that there are now
 * @param onSlowPeer called when a stream is given up because its peer does not read
 */
export function createOutboundBudget(
  streams: () => Iterable<Sender>,
  budgetBytes: number,
  onSlowPeer: () => void,
): SendWithin {
  const known = new WeakMap<Sender, Given>()
  const pieces = new WeakMap<Uint8Array, Piece>()
  const pieceOf = (data: Uint8Array): Piece => {
    const piece = pieces.get(data) ?? { bytes: data.length }
    pieces.set(data, piece)
    return piece
  }
  const givenTo = (stream: Sender): Given => {
    const given = known.get(stream) ?? { bytes: stream.writeBufferLength, pieces: [] }
    known.set(stream, given)
    return given
  }
  const unsentOf = (stream: Sender): Unsent => {
    const given = givenTo(stream)
    const sentBytes = given.bytes - stream.writeBufferLength
    given.pieces = given.pieces.filter(({ endsAt }) => endsAt > sentBytes)
    const largeBytes = sum(given.pieces.map(({ piece, endsAt }) => Math.min(piece.bytes, endsAt - sentBytes)))
    return {
      stream,
      pieces: given.pieces.map(({ piece }) => piece),
      smallBytes: stream.writeBufferLength - largeBytes,
    }
  }
  const keep = (more: Uint8Array) => {
    const all = Array.from(streams(), unsentOf)
    const holders = new Map<Piece, number>([[pieceOf(more), 1]])
    for (const piece of all.flatMap((unsent) => unsent.pieces)) holders.set(piece, (holders.get(piece) ?? 0) + 1)
    const heldBytes = sum(all.map(({ smallBytes }) => smallBytes)) + sum([...holders.keys()].map(({ bytes }) => bytes))
    if (heldBytes <= budgetBytes) return
    const slow = slowest(all, (piece) => holders.get(piece) === 1)
    if (!slow) return
    onSlowPeer()
    slow.abort(new Error('the peer does not read what it is sent'))
  }
  return (stream, data, push) => {
    if (stream.writeBufferLength + data.length > SMALL_BACKLOG_BYTES) keep(data)
    const given = givenTo(stream)
    push()
    given.bytes += data.length
    if (data.length >= LARGE_BYTES) given.pieces.push({ piece: pieceOf(data), endsAt: given.bytes })
  }
}

function slowest(all: readonly Unsent[], isHeldOnce: (piece: Piece) => boolean): Sender | undefined {
  const alone = ({ smallBytes, pieces }: Unsent) =>
    smallBytes + sum(pieces.filter(isHeldOnce).map(({ bytes }) => bytes))
  const most = largest(all, alone)
  if (most && alone(most) >= WORTHWHILE_BYTES) return most.stream
  return largest(all, ({ stream }) => stream.writeBufferLength)?.stream
}

function largest<T>(items: readonly T[], size: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>((most, item) => (most && size(most) >= size(item) ? most : item), undefined)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
