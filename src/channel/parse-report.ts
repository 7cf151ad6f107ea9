import * as z from 'zod'
import { LeanmeshError } from '../errors.ts'
import type { Snapshot } from '../mesh/snapshot.ts'
import { TOPIC_KINDS } from '../mesh/topics.ts'
import type { SwarmReport } from './messages.ts'

/** Nothing that a swarm keeps is larger: the totals of 2,000 names are the longest list. */
const MAX_ITEMS = 50_000
const MAX_TEXT_LENGTH = 2000
/** Of one histogram; none of a swarm's has half as many. */
const MAX_BUCKETS = 64

/** A schema for each key of a type, the optional ones not forgotten. */
type Shape<Value> = { [Key in keyof Required<Value>]: z.ZodType }

const text = z.string().max(MAX_TEXT_LENGTH)
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(MAX_ITEMS)
/** JSON has no number for those that are not finite; the metrics plane counts and leaves them out. */
const measured = z.union([z.number(), z.null().transform(() => Number.NaN)])

const labels = z.record(text, text)
const total = z.object({
  metric: text,
  labels,
  value: z.union([measured, z.object({ counts: z.array(measured).max(MAX_BUCKETS), sum: measured })]),
})
const level = z.object({ metric: text, labels, value: measured })
const target = z.object({
  peerId: text,
  phase: z.enum(['connected', 'dialing', 'waiting', 'self']),
  failures: z.number(),
  lastError: text.exactOptional(),
  failure: z.enum(['unreachable', 'handshake_failed', 'wrong_peer_id']).exactOptional(),
})
const companion = z.object({
  peerId: text,
  isConnected: z.boolean(),
  speaksGossipsub: z.boolean().exactOptional(),
  topics: list(text),
  backedOffTopics: list(text),
  forkDigests: list(text),
})
const clock = z.object({
  state: z.enum(['untimed', 'unjudged', 'good', 'suspect']),
  offsetSeconds: z.number().exactOptional(),
})
const head = z.object({
  peerId: text,
  atMs: z.number(),
  headSlot: z.number(),
  headRoot: text,
  finalizedSlot: z.number(),
  finalizedRoot: text,
})

const snapshot = z.object({
  takenAtMs: z.number(),
  peerId: text,
  listenAddresses: list(text),
  topics: list(z.object({ topic: text, mesh: list(text), subscribers: z.number() })),
  connectedPeers: list(text),
  agents: list(z.tuple([text, text])),
  targets: list(target),
  companion: companion.exactOptional(),
  messages: z.object({ lastAcceptedAtMs: z.partialRecord(z.enum(TOPIC_KINDS), z.number()), clock }),
  topicSupply: list(z.object({ topic: text, candidates: z.number(), backoffs: z.number() })),
  meshedSinceMs: list(z.tuple([text, z.number()])),
  foreignForks: z.object({ peers: z.number(), digests: list(z.object({ forkDigest: text, peers: z.number() })) }),
  heads: list(head),
  totals: list(total),
  usage: z.object({ cpuSeconds: z.number(), residentBytes: z.number(), eventLoopLagSeconds: z.number() }),
  gossipsub: z.object({ totals: list(total), levels: list(level) }).exactOptional(),
} satisfies Shape<Snapshot>)

const report: z.ZodType<SwarmReport> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('booted') }),
  z.object({ type: z.literal('snapshot'), id: z.number().exactOptional(), snapshot }),
  z.object({ type: z.literal('failed'), message: text }),
  z.object({ type: z.literal('warning'), message: text, suppressed: z.number() }),
])

/**
 * A message of a swarm's process, checked: that process reads what strangers send, so it is believed no more than they.
 *
 * @throws LeanmeshError `ERR_CHANNEL_REPORT` that names the part that is wrong, and shows nothing of it
 */
export function parseReport(message: unknown): SwarmReport {
  const { success, data, error } = report.safeParse(message)
  if (success) return data
  const [issue] = error.issues
  // What is deeper may be a key that the swarm has chosen.
  const where = issue?.path.slice(0, 2).map(String).join('.') || 'as a whole'
  throw new LeanmeshError('ERR_CHANNEL_REPORT', `the swarm sent a wrong message (${where}: ${issue?.message})`)
}
