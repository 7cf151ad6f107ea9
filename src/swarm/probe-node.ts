import type { Connection, IdentifyResult } from '@libp2p/interface'
import type { TopicValidatorFn } from '@libp2p/gossipsub'
import type { Multiaddr } from '@multiformats/multiaddr'
import { monotonicMs } from '../lifecycle/clock.ts'
import { settleWithin } from '../lifecycle/deadline.ts'
import { pause } from '../lifecycle/loop.ts'
import { createForeignForks, type ForeignForkTable } from '../measure/foreign-forks.ts'
import { createTotals } from '../measure/totals.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import { leanTopicParts } from '../mesh/topics.ts'
import { createGossip, MESHSUB_PROTOCOLS } from './gossip.ts'
import { swarmKey } from './identity.ts'
import { hiddenTables } from './mend-hidden-tables.ts'
import { createNode, type SwarmNode } from './node.ts'
import { createStatusHandler, STATUS_STREAMS } from './status.ts'
import { STATUS_PROTOCOL } from './status-codec.ts'

/** As a sidecar's own, by default. */
const QUIC = { maxIdleTimeoutMs: 4000, keepAliveIntervalMs: 1500 }
const MAX_MESSAGE_BYTES = 12 * 1024 * 1024
const POLL_MS = 50
const STOP_DEADLINE_MS = 2000
/** Topics of our own fork digest that the peer has and we do not want. */
const MAX_OTHER_TOPICS = 16

/** A node for one conversation: it listens nowhere, has a new key, and joins no topic before it is told to. */
export class ProbeNode {
  readonly #topics: readonly string[]
  readonly #node: SwarmNode
  readonly #validator: TopicValidatorFn
  readonly #forks: ForeignForkTable
  readonly #otherTopics: Set<string>
  readonly #identified = new Map<PeerIdString, IdentifyResult>()

  private constructor(
    topics: readonly string[],
    parts: { node: SwarmNode; validator: TopicValidatorFn; forks: ForeignForkTable; otherTopics: Set<string> },
  ) {
    this.#topics = topics
    this.#node = parts.node
    this.#validator = parts.validator
    this.#forks = parts.forks
    this.#otherTopics = parts.otherTopics
    const { libp2p } = parts.node
    libp2p.addEventListener('peer:identify', ({ detail }) => this.#identified.set(detail.peerId.toString(), detail))
  }

  static async start(topics: readonly string[], agent: string): Promise<ProbeNode> {
    const totals = createTotals(topics)
    const forks = createForeignForks(topics, totals)
    const ownDigests = new Set(topics.map((topic) => leanTopicParts(topic)?.forkDigest))
    const otherTopics = new Set<string>()
    const { options, validator } = createGossip({ maxMessageBytes: MAX_MESSAGE_BYTES }, () => undefined)
    const ignore = () => undefined
    const node = await createNode(
      { listen: [], quic: QUIC, agent, topics, peers: [] },
      await swarmKey(undefined),
      options,
      {
        onForeignSubscription(peer, topic, subscribe) {
          forks.onSubscription(peer, topic, subscribe)
          const parts = leanTopicParts(topic)
          if (subscribe && parts && ownDigests.has(parts.forkDigest) && otherTopics.size < MAX_OTHER_TOPICS)
            otherTopics.add(parts.name.slice(0, 32))
        },
        onPeerGone: ignore,
        onInboundFailure: ignore,
        onRefusedConnection: ignore,
        onOversizedRpc: ignore,
        onUnsubscribedMessage: ignore,
        onDuplicateMessage: ignore,
        onSlowPeer: ignore,
        onIdentifyFailure: ignore,
      },
    )
    const probe = new ProbeNode(topics, { node, validator, forks, otherTopics })
    await node.libp2p.handle(STATUS_PROTOCOL, createStatusHandler(totals, ignore), STATUS_STREAMS)
    await node.libp2p.start()
    return probe
  }

  dial(addresses: Multiaddr[], signal: AbortSignal): Promise<Connection> {
    return this.#node.libp2p.dial(addresses, { signal })
  }

  /** What the peer said of itself; undefined until it has. */
  identity(peerId: PeerIdString): IdentifyResult | undefined {
    return this.#identified.get(peerId)
  }

  /** libp2p tells gossipsub only of peers whose protocols identify has named. */
  tellGossipsub(connection: Connection): void {
    for (const topology of this.#node.meshsubTopologies()) void topology.onConnect?.(connection.remotePeer, connection)
  }

  /** The gossipsub protocol of our stream to the peer; undefined while there is none. */
  gossipProtocol({ remotePeer }: Connection): string | undefined {
    const streams = this.#node.libp2p.getConnections(remotePeer).flatMap(({ streams: open }) => open)
    const ours = streams.filter(({ direction }) => direction === 'outbound')
    return ours.find(({ protocol }) => MESHSUB_PROTOCOLS.includes(protocol))?.protocol
  }

  isConnected({ remotePeer }: Connection): boolean {
    return this.#node.libp2p.getConnections(remotePeer).some(({ status }) => status === 'open')
  }

  /** Which of our topics the peer is subscribed to, in our order. */
  subscribed(peerId: PeerIdString): string[] {
    const { subscribers } = hiddenTables(this.#node.pubsub)
    return this.#topics.filter((topic) => subscribers(topic).has(peerId))
  }

  /** Other fork digests that the peer has lean topics of; printable. */
  otherDigests(): string[] {
    return this.#forks.read().digests.map(({ forkDigest }) => forkDigest)
  }

  /** Names of topics of our fork digest that the peer has and we did not ask for. */
  otherTopics(): string[] {
    return [...this.#otherTopics]
  }

  join(topic: string): void {
    this.#node.pubsub.topicValidators.set(topic, this.#validator)
    this.#node.pubsub.subscribe(topic)
  }

  isMeshed(topic: string, peerId: PeerIdString): boolean {
    return this.#node.pubsub.getMeshPeers(topic).includes(peerId)
  }

  /** How long the peer must not be grafted, in seconds, after it pruned us; undefined when it did not. */
  backOffSeconds(topic: string, peerId: PeerIdString): number | undefined {
    const until = hiddenTables(this.#node.pubsub).backoffs(topic).get(peerId)
    return until === undefined ? undefined : Math.max(0, until - Date.now()) / 1000
  }

  /** Ends every connection, within 2 s. Never rejects. */
  async stop(): Promise<void> {
    await settleWithin(Promise.resolve(this.#node.libp2p.stop()), STOP_DEADLINE_MS).catch(() => false)
  }
}

/** What `read` gives as soon as it gives something; undefined after `ms` milliseconds, or when `signal` aborts. */
export async function awaited<T>(read: () => T | undefined, ms: number, signal: AbortSignal): Promise<T | undefined> {
  const deadline = monotonicMs() + ms
  for (;;) {
    const found = read()
    if (found !== undefined || signal.aborted || monotonicMs() >= deadline) return found
    await pause(POLL_MS, signal)
  }
}
