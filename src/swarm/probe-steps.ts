import type { Connection } from '@libp2p/interface'
import { errorText } from '../errors.ts'
import { raceAbort } from '../lifecycle/deadline.ts'
import { monotonicMs } from '../lifecycle/clock.ts'
import { largestPlausibleSlot, readHead } from '../measure/read-head.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { topicName } from '../mesh/topics.ts'
import { askStatus } from './ask-status.ts'
import { readDialError } from './dial-failure.ts'
import { HEARTBEAT_MS, MESHSUB_PROTOCOLS } from './gossip.ts'
import { awaited, type ProbeNode } from './probe-node.ts'
import { resolveAddress } from './resolve-address.ts'
import { STATUS_BODY_BYTES } from './status-codec.ts'

export type ProbeStepName = 'resolve' | 'dial' | 'handshake' | 'identify' | 'gossipsub' | 'topics' | 'graft' | 'status'

/** How far a peer lets us come: closed, only ever added to. */
export type ProbeOutcome =
  | 'meshed'
  | 'unresolvable'
  | 'unreachable'
  | 'wrong_peer_id'
  | 'handshake_failed'
  | 'no_gossipsub'
  | 'other_fork'
  | 'no_common_topic'
  | 'nothing_announced'
  | 'pruned_backoff'
  | 'not_grafted'
  | 'disconnected'
  | 'timeout'

/** One step. Its texts hold what the peer said, as it said it: whoever prints them makes them safe. */
export interface ProbeStep {
  step: ProbeStepName
  ok: boolean
  text: string
  /** For programs. */
  facts?: Readonly<Record<string, unknown>>
}

/** Where it stops, and the likely cause. */
export interface ProbeStop {
  outcome: ProbeOutcome
  cause: string
}

export interface ProbeContext {
  node: ProbeNode
  target: PeerTarget
  /** Full topic strings, the one to be joined first. */
  topics: readonly string[]
  forkDigest: string
  genesisTimeSeconds?: number
  signal: AbortSignal
  onStep(step: ProbeStep): void
}

/** Enough for a loaded host; identify itself gives up after 5 s. */
const IDENTIFY_MS = 5500
const GOSSIP_STREAM_MS = 3000
const SUBSCRIBE_MS = 3000
const GRAFT_HEARTBEATS = 3
const MAX_AGENT_LENGTH = 80
const MAX_PROTOCOLS = 64
/** An error of another key names both keys. */
const PEER_IDS = /[1-9A-HJ-NP-Za-km-z]{46,}/g

/** The connection, or why there is none. */
export async function connect(context: ProbeContext): Promise<Connection | ProbeStop> {
  const { node, target, signal, onStep } = context
  const found = await Promise.allSettled(target.addresses.map((address) => resolveAddress(address, signal)))
  const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (addresses.length === 0) {
    const failed = found.find((result) => result.status === 'rejected')
    onStep({ step: 'resolve', ok: false, text: errorText(failed?.reason ?? 'it has no address') })
    return {
      outcome: 'unresolvable',
      cause: 'The name in the address resolves to nothing: check its spelling and the DNS.',
    }
  }
  const texts = addresses.map(String)
  onStep({ step: 'resolve', ok: true, text: texts.join(' '), facts: { addresses: texts } })
  const since = monotonicMs()
  try {
    const connection = await raceAbort(
      node.dial(
        addresses.map((to) => to.encapsulate(`/p2p/${target.peerId}`)),
        signal,
      ),
      signal,
    )
    const text = `connected in ${(monotonicMs() - since).toFixed(0)} ms`
    onStep({ step: 'dial', ok: true, text })
    onStep({ step: 'handshake', ok: true, text: `it has the key of ${target.peerId}` })
    return connection
  } catch (error) {
    return whyNotConnected(error, context)
  }
}

function whyNotConnected(error: unknown, { target, signal, onStep }: ProbeContext): ProbeStop {
  const { failure, reason } = readDialError(error)
  if (failure === 'unreachable' || signal.aborted) {
    onStep({ step: 'dial', ok: false, text: reason })
    const cause =
      'Nobody answers at this address: the peer is down, listens elsewhere, or a firewall drops its port (QUIC is UDP).'
    return { outcome: 'unreachable', cause }
  }
  onStep({ step: 'dial', ok: true, text: 'somebody answers' })
  if (failure === 'handshake_failed') {
    onStep({ step: 'handshake', ok: false, text: reason })
    const cause = 'Something answers, but not as a libp2p peer does: check the port and the transport.'
    return { outcome: failure, cause }
  }
  const peerId = (reason.match(PEER_IDS) ?? []).find((id) => id !== target.peerId)
  const text = peerId === undefined ? reason : `it has the key of ${peerId}`
  onStep({ step: 'handshake', ok: false, text, facts: { peerId: peerId ?? null } })
  const cause = `Another peer is at this address: expected was ${target.peerId}. It was started with another key, or the address is another's.`
  return { outcome: failure, cause }
}

/** Who it says it is. Without identify the rest is tried all the same. */
export async function identify(context: ProbeContext): Promise<readonly string[] | undefined> {
  const { node, target, signal, onStep } = context
  const identity = await awaited(() => node.identity(target.peerId), IDENTIFY_MS, signal)
  if (!identity) {
    const text = signal.aborted ? 'nothing more was heard of it' : 'it does not answer identify; going on without'
    onStep({ step: 'identify', ok: false, text })
    return undefined
  }
  const { agentVersion, protocols } = identity
  const agent = agentVersion?.slice(0, MAX_AGENT_LENGTH) ?? ''
  const told = protocols.slice(0, MAX_PROTOCOLS).map((protocol) => protocol.slice(0, MAX_AGENT_LENGTH))
  const text = `agent "${agent}", ${protocols.length} protocols`
  onStep({ step: 'identify', ok: true, text, facts: { agent, protocols: told } })
  return protocols
}

export async function gossipsub(
  connection: Connection,
  protocols: readonly string[] | undefined,
  { node, signal, onStep }: ProbeContext,
): Promise<ProbeStop | undefined> {
  const isOffered = protocols?.some((protocol) => MESHSUB_PROTOCOLS.includes(protocol)) !== false
  if (isOffered && protocols === undefined) node.tellGossipsub(connection)
  const protocol = isOffered
    ? await awaited(() => node.gossipProtocol(connection), GOSSIP_STREAM_MS, signal)
    : undefined
  if (protocol !== undefined) {
    onStep({ step: 'gossipsub', ok: true, text: protocol, facts: { protocol } })
    return undefined
  }
  const old = protocols?.filter((name) => /^\/(meshsub|floodsub)\//.test(name)).slice(0, 4) ?? []
  const offers = old.length === 0 ? '' : `; it offers ${old.join(' and ').slice(0, MAX_AGENT_LENGTH)}`
  onStep({ step: 'gossipsub', ok: false, text: `it opens no stream for ${MESHSUB_PROTOCOLS.join(' or ')}${offers}` })
  const cause =
    'It does not speak gossipsub, or is not a consensus client: check that the address is that of the client.'
  return { outcome: 'no_gossipsub', cause }
}

/** The topic to join: the first of ours that the peer subscribes to. */
export async function subscriptions(context: ProbeContext): Promise<{ topic: string } | ProbeStop> {
  const { node, target, topics, forkDigest, signal, onStep } = context
  const has = () => (node.subscribed(target.peerId).length > 0 ? true : undefined)
  await awaited(has, SUBSCRIBE_MS, signal)
  const subscribed = node.subscribed(target.peerId)
  const [others, digests] = [node.otherTopics(), node.otherDigests()]
  const facts = { subscribed: subscribed.map(topicName), otherTopics: others, otherForkDigests: digests }
  const elsewhere = [...others, ...(digests.length === 0 ? [] : [`topics of fork digest ${digests.join(', ')}`])]
  const [topic] = subscribed
  if (topic !== undefined) {
    const also = elsewhere.length === 0 ? '' : `; also to ${elsewhere.join(', ')}`
    const text = `it subscribes to ${facts.subscribed.join(', ')}: ${subscribed.length} of our ${topics.length}${also}`
    onStep({ step: 'topics', ok: true, text, facts })
    return { topic }
  }
  const but = elsewhere.length === 0 ? '' : `, but to ${elsewhere.join(', ')}`
  onStep({ step: 'topics', ok: false, text: `it subscribes to none of our ${topics.length}${but}`, facts })
  if (others.length > 0)
    return { outcome: 'no_common_topic', cause: 'It is on our fork digest, but not on our topics: check --topics.' }
  if (digests.length > 0) {
    const cause = `It is on another fork digest, ${digests.join(', ')}; ours is ${forkDigest} (--fork-digest).`
    return { outcome: 'other_fork', cause }
  }
  const cause = 'It announces no lean topic: it has not joined one yet, or is no consensus client.'
  return { outcome: 'nothing_announced', cause }
}

/** Joins one topic as any peer does, and sees whether the peer keeps us. */
export async function graft(topic: string, { node, target, signal, onStep }: ProbeContext): Promise<ProbeStop> {
  const name = topicName(topic)
  node.join(topic)
  const waitMs = GRAFT_HEARTBEATS * HEARTBEAT_MS
  const backOffSeconds = await awaited(() => node.backOffSeconds(topic, target.peerId), waitMs, signal)
  if (backOffSeconds !== undefined) {
    const text = `it pruned us from ${name}, with a back-off of ${backOffSeconds.toFixed(0)} s`
    onStep({ step: 'graft', ok: false, text, facts: { topic: name, backOffSeconds } })
    const cause =
      'It refuses a place in its mesh: its mesh is full, or it has pruned us before. A full mesh is no fault of the peer.'
    return { outcome: 'pruned_backoff', cause }
  }
  const ok = !signal.aborted && node.isMeshed(topic, target.peerId)
  const text = ok ? `in the mesh of ${name} after ${GRAFT_HEARTBEATS} heartbeats` : `not in the mesh of ${name}`
  onStep({ step: 'graft', ok, text, facts: { topic: name } })
  if (ok) return { outcome: 'meshed', cause: `It takes us into the mesh of ${name}, as any other peer.` }
  return { outcome: 'not_grafted', cause: 'It left the topic, or the gossip stream to it broke.' }
}

/** Says of itself what a sidecar says at first: nothing. A peer need not answer. */
export async function status(connection: Connection, context: ProbeContext): Promise<void> {
  const { genesisTimeSeconds, signal, onStep } = context
  const answer = await askStatus(connection, Buffer.alloc(STATUS_BODY_BYTES), signal)
  if (answer.result !== 'answered') {
    const why = { unsupported: 'it does not speak Status', timeout: 'no answer to Status', failed: 'Status failed' }
    const refused = { refused: 'it refused Status', invalid: 'its Status cannot be read' }
    onStep({ step: 'status', ok: false, text: { ...why, ...refused }[answer.result] })
    return
  }
  const head = readHead(answer.body, largestPlausibleSlot(Date.now(), genesisTimeSeconds))
  if (!head)
    return onStep({
      step: 'status',
      ok: false,
      text: 'its head cannot be: far ahead of the clock, or behind what it has finalized',
    })
  const text = `head slot ${head.headSlot}, root ${head.headRoot.slice(0, 8)}; finalized slot ${head.finalizedSlot}`
  onStep({ step: 'status', ok: true, text, facts: { ...head } })
}
