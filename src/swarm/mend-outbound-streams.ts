/** What gossipsub's own framing refuses to send: `it-length-prefixed` has this limit unless told otherwise, and is not. */
const FRAMING_LIMIT_BYTES = 4 * 1024 * 1024

/** A backlog below this is nobody's problem, and is not added up at each RPC. */
const SMALL_BACKLOG_BYTES = 256 * 1024

/** What QUIC's native part is given at a time: it would take everything at once, out of our sight. */
const CHUNK_BYTES = 256 * 1024

/** Unsent bytes over all gossip streams of a swarm. They lie outside V8's heap, whose limits do not see them. */
const OUTBOUND_BUDGET_BYTES = 64 * 1024 * 1024

/** The part of gossipsub's outbound stream that is used. */
interface OutboundStream {
  readonly rawStream: { readonly writeBufferLength: number; maxMessageSize?: number; abort(error: Error): void }
  push(data: Uint8Array): void
  /** Sends what has its length in front already. */
  pushPrefixed(data: Uint8Array): void
}

interface StreamOpener {
  streamsOutbound: Map<string, OutboundStream>
  createOutboundStream(peer: { toString(): string }, connection: unknown): Promise<void>
}

function isStreamOpener(pubsub: object): pubsub is StreamOpener {
  return (
    Reflect.get(pubsub, 'streamsOutbound') instanceof Map &&
    typeof Reflect.get(pubsub, 'createOutboundStream') === 'function'
  )
}

/**
 * js gossipsub 17.1 and the streams on which it sends; none of this can be reached by its options.
 *
 * - It opens one stream after the other: a single peer that does not answer holds up all others, for 10 s each time.
 * - Its framing refuses RPCs beyond 4 MiB.
 * - It keeps whatever a slow peer does not read. Beyond a budget over all streams the fullest one is given up.
 *
 * @param onSlowPeer called when a stream is given up because its peer does not read
 * @throws Error when this gossipsub keeps its streams elsewhere: then this piece has to be looked at again
 */
export function mendOutboundStreams(pubsub: object, onSlowPeer: () => void, budgetBytes = OUTBOUND_BUDGET_BYTES): void {
  if (!isStreamOpener(pubsub)) throw new Error('this gossipsub has no table of outbound streams')
  openSideBySide(pubsub)
  const { streamsOutbound } = pubsub
  const set = streamsOutbound.set.bind(streamsOutbound)
  streamsOutbound.set = (peerId, stream) => {
    stream.rawStream.maxMessageSize ??= CHUNK_BYTES
    const push = stream.push.bind(stream)
    stream.push = (data) => {
      if (stream.rawStream.writeBufferLength + data.length > SMALL_BACKLOG_BYTES) {
        keepBudget(streamsOutbound.values(), budgetBytes - data.length, onSlowPeer)
      }
      if (data.length <= FRAMING_LIMIT_BYTES) push(data)
      else stream.pushPrefixed(Buffer.concat([varint(data.length), data]))
    }
    return set(peerId, stream)
  }
}

function openSideBySide(pubsub: StreamOpener): void {
  const create = pubsub.createOutboundStream.bind(pubsub)
  const opening = new Set<string>()
  pubsub.createOutboundStream = async (peer, connection) => {
    const id = peer.toString()
    if (opening.has(id)) return
    opening.add(id)
    // Not awaited, because the queue behind this waits for nobody then. It handles its errors itself.
    void create(peer, connection).finally(() => opening.delete(id))
  }
}

function keepBudget(streams: Iterable<OutboundStream>, budgetBytes: number, onSlowPeer: () => void): void {
  let unsent = 0
  let fullest: OutboundStream['rawStream'] | undefined
  for (const { rawStream } of streams) {
    unsent += rawStream.writeBufferLength
    if (!fullest || rawStream.writeBufferLength > fullest.writeBufferLength) fullest = rawStream
  }
  if (unsent <= budgetBytes || !fullest) return
  onSlowPeer()
  fullest.abort(new Error('the peer does not read what it is sent'))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
