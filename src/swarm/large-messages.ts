import { defaultLogger } from '@libp2p/logger'
import type { ComponentLogger } from '@libp2p/interface'

/*
 * js gossipsub 17.1 at messages beyond 4 MiB, two things that its options do not reach.
 */

/** What gossipsub's own framing refuses to send: `it-length-prefixed` has this limit unless told otherwise, and is not. */
const FRAMING_LIMIT_BYTES = 4 * 1024 * 1024

/** The part of gossipsub's outbound stream that is used. */
interface OutboundStream {
  push(data: Uint8Array): void
  /** Sends what has its length in front already. */
  pushPrefixed(data: Uint8Array): void
}

/**
 * Lets gossipsub send RPCs up to the network's limit: those that its framing refuses are framed here.
 *
 * @throws Error when this gossipsub keeps its streams elsewhere: then this piece has to be looked at again
 */
export function sendLargeMessages(pubsub: object): void {
  const streams: unknown = Reflect.get(pubsub, 'streamsOutbound')
  if (!(streams instanceof Map)) throw new Error('this gossipsub has no table of outbound streams')
  const set = streams.set.bind(streams)
  streams.set = (peerId: string, stream: OutboundStream) => {
    const push = stream.push.bind(stream)
    stream.push = (data) => {
      if (data.length <= FRAMING_LIMIT_BYTES) push(data)
      else stream.pushPrefixed(Buffer.concat([varint(data.length), data]))
    }
    return set(peerId, stream)
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

/**
 * libp2p's usual logger, which also tells of an RPC that is too long to be read. gossipsub then drops its sender from
 * gossip, and says so in its log alone.
 */
export function oversizeLogger(onOversized: () => void): ComponentLogger {
  const logger = defaultLogger()
  return {
    forComponent(name) {
      const log = logger.forComponent(name)
      if (name !== 'libp2p:gossipsub') return log
      const error = log.error.bind(log)
      log.error = (...message: [unknown, ...unknown[]]) => {
        const [what] = message
        if (what instanceof Error && what.name === 'InvalidDataLengthError') onOversized()
        error(...message)
      }
      return log
    },
  }
}
