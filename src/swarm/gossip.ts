import { type GossipsubOpts, StrictNoSign, type TopicValidatorFn, TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { compressSync } from 'snappy'
import type { GossipsubRegister } from '../gossipsub-metrics/register.ts'
import { D_LOW } from '../mesh/gossip-degree.ts'
import { messageId, messageIdText } from './message-id.ts'
import { decodePayload, type RefusalReason, type TurnBudget } from './payload.ts'
import { createWireCopies } from './wire-copies.ts'

export interface GossipOptions {
  /** Largest message, in bytes, compressed or not. */
  maxMessageBytes: number
  /** Takes gossipsub's own metrics. Absent: gossipsub does not make them. */
  register?: GossipsubRegister | undefined
}

/** What an RPC may hold beside one largest message: its framing, and the control messages that ride along. */
const RPC_OVERHEAD_BYTES = 1024 * 1024

/** Messages that may wait for one slow peer, in largest messages; then its stream is given up. */
const OUTBOUND_MESSAGES = 2

/** Gossip streams of one connection that a peer may have open towards us. One is usual, a second while it is replaced. */
const MAX_INBOUND_STREAMS = 4

/** What may be decompressed in one turn of the event loop, in largest messages: more would stall everything else. */
const TURN_MESSAGES = 4

/** Offered protocol versions, newest first. */
export const MESHSUB_PROTOCOLS: readonly string[] = ['/meshsub/1.2.0', '/meshsub/1.1.0']

/** Time between heartbeats, in milliseconds. */
export const HEARTBEAT_MS = 700

/** A message that came for the first time. */
export interface ReceivedMessage {
  topic: string
  verdict: 'accepted' | RefusalReason
  /** The peer that delivered it. */
  from: PeerId
  /** Decompressed if it was accepted, else as it came. */
  data: Uint8Array
  /** As it came. */
  wireBytes: number
}

interface Reading {
  wireBytes: number
  refused: RefusalReason | undefined
}

export interface Gossip {
  options: Partial<GossipsubOpts>
  /** To be set for every topic: rejects what does not decode, so that it is neither delivered nor forwarded. */
  validator: TopicValidatorFn
}

/**
 * Gossipsub as the lean clients run it. Source: the clients' own parameters, which agree but for names.
 *
 * Each payload is decoded once, in the data transform: the message id and the decision to forward both rest on it.
 * A copy of a message is recognised by its wire bytes, before anything is decoded.
 *
 * @param onMessage called once for each new message
 */
export function createGossip(options: GossipOptions, onMessage: (message: ReceivedMessage) => void): Gossip {
  const { maxMessageBytes, register } = options
  const budget = createTurnBudget(TURN_MESSAGES * maxMessageBytes)
  // From the transform to the message id and the validator, which see the same array.
  const readings = new WeakMap<Uint8Array, Reading>()
  return {
    options: {
      ...PARAMETERS,
      ...NEUTRAL_SCORES,
      ...(register && {
        metricsRegister: register.metricsRegister,
        metricsTopicStrToLabel: register.topicStrToLabel,
      }),
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxInboundDataLength: maxMessageBytes + RPC_OVERHEAD_BYTES,
      maxOutboundBufferSize: OUTBOUND_MESSAGES * (maxMessageBytes + RPC_OVERHEAD_BYTES),
      fastMsgIdFn: createWireCopies(),
      msgIdFn: ({ topic, data }) =>
        messageId(readings.get(data)?.refused ? 'invalid-snappy' : 'valid-snappy', topic, data),
      msgIdToStrFn: messageIdText,
      dataTransform: {
        inboundTransform(_topic, data) {
          const { data: decoded = data, refused } = decodePayload(data, maxMessageBytes, budget)
          readings.set(decoded, { wireBytes: data.length, refused })
          return decoded
        },
        outboundTransform: (_topic, data) => compressSync(Buffer.from(data)),
      },
    },
    validator(from, { topic, data }) {
      const { wireBytes = 0, refused } = readings.get(data) ?? {}
      onMessage({ topic, verdict: refused ?? 'accepted', from, data, wireBytes })
      return refused === undefined ? TopicValidatorResult.Accept : TopicValidatorResult.Reject
    },
  }
}

/** Bytes that may still be decompressed in this turn of the event loop. */
function createTurnBudget(bytes: number): TurnBudget {
  let left = bytes
  let isFresh = true
  return {
    take(wanted) {
      if (isFresh) setImmediate(() => ([left, isFresh] = [bytes, true]))
      isFresh = false
      if (wanted > left) return false
      left -= wanted
      return true
    },
  }
}

const PARAMETERS = {
  globalSignaturePolicy: StrictNoSign,
  D: 8,
  Dlo: D_LOW,
  Dhi: 12,
  Dlazy: 6,
  heartbeatInterval: HEARTBEAT_MS,
  fanoutTTL: 60_000,
  mcacheLength: 6,
  mcacheGossip: 3,
  seenTTL: 24_000,
  idontwantMinDataSize: 1024,
  pruneBackoff: 60_000,
  unsubcribeBackoff: 60_000,
  floodPublish: false,
  fallbackToFloodsub: false,
  emitSelf: false,
  doPX: false,
  allowPublishToZeroTopicPeers: true,
} satisfies Partial<GossipsubOpts>

/**
 * The lean clients do not score peers. With js gossipsub's defaults an eleventh peer on one IP address empties the whole
 * mesh (IP colocation), so every weight is zero and no threshold can be crossed.
 */
const NEUTRAL_SCORES = {
  scoreParams: {
    // Nothing is scored, so nothing of a peer that left is worth keeping.
    retainScore: 0,
    topics: {},
    topicScoreCap: 0,
    appSpecificWeight: 0,
    IPColocationFactorWeight: 0,
    behaviourPenaltyWeight: 0,
  },
} satisfies Partial<GossipsubOpts>
