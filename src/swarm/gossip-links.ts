import type { GossipSub, SubscriptionChangeData } from '@libp2p/gossipsub'
import type { Connection, IdentifyResult, Libp2p, PeerId, Topology } from '@libp2p/interface'
import { createBackOff, type BackOff } from '../lifecycle/back-off.ts'
import { type Loop, pauseUntilBeat, startLoop } from '../lifecycle/loop.ts'
import { diagnoseLink, type GossipLink, type LinkFinding, type LinkPolicy } from './diagnose-link.ts'
import { MESHSUB_PROTOCOLS } from './gossip.ts'

export interface GossipLinksOptions {
  checkIntervalMs: number
  policy: LinkPolicy
  /** Between two reconnects of one peer. */
  backOff: { initialMs: number; maxMs: number; jitter: number }
  /** Connections that open within this many milliseconds of each other are both kept: both sides dialled at once. */
  simultaneousMs: number
}

export interface GossipLinksDeps {
  libp2p: Libp2p
  pubsub: GossipSub
  meshsubTopologies(): Topology[]
  /** Whether this peer is configured: the redialer dials it again by itself. */
  isTarget(peerId: string): boolean
  now(): number
  onReconnect(reason: ReconnectReason | 'superseded'): void
}

type ReconnectReason = Exclude<LinkFinding, 'healthy' | 'wait' | 'nudge'>

interface LinkRecord {
  connectedAt: number
  streamAt?: number
  speaksMeshsub?: boolean
  subscribed: boolean
  /** Whether gossipsub lists the peer. */
  known: boolean
  dropped: boolean
  nudges: number
}

interface ReconnectRecord {
  backOff: BackOff
  notBefore: number
}

/** Peers whose reconnects are remembered; more than the swarm may have connections. */
const MAX_RECONNECT_RECORDS = 1000
const HANG_UP_DEADLINE_MS = 1000

/**
 * Watches that every connected peer that speaks gossipsub really gossips with us, and mends the links that do not:
 * js-libp2p alone leaves some of them silent for ever.
 */
export class GossipLinks {
  readonly #options: GossipLinksOptions
  readonly #deps: GossipLinksDeps
  readonly #links = new Map<string, LinkRecord>()
  readonly #reconnects = new Map<string, ReconnectRecord>()
  /** Removed at the next check: libp2p still looks them up while it tells others that they left. */
  readonly #leavers: PeerId[] = []
  #loop: Loop | undefined
  #listening: AbortController | undefined

  constructor(options: GossipLinksOptions, deps: GossipLinksDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    if (this.#loop) return
    const { libp2p, pubsub } = this.#deps
    this.#listening = new AbortController()
    // libp2p's event target takes no signal in its types, yet is an EventTarget.
    const options = { signal: this.#listening.signal }
    libp2p.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail), options)
    libp2p.addEventListener('peer:disconnect', ({ detail }) => this.#onDisconnect(detail), options)
    libp2p.addEventListener('peer:identify', ({ detail }) => this.#onIdentify(detail), options)
    pubsub.addEventListener('subscription-change', ({ detail }) => this.#onSubscription(detail), options)
    this.#loop = startLoop(
      async (signal) => {
        await pauseUntilBeat(this.#options.checkIntervalMs, signal)
        if (!signal.aborted) await this.#check()
      },
      () => undefined,
    )
  }

  async stop(): Promise<void> {
    this.#listening?.abort()
    await this.#loop?.stop()
    this.#loop = undefined
    this.#links.clear()
  }

  /** Whether a connected peer speaks gossipsub; undefined while neither identify nor a stream of it has told. */
  speaksMeshsub(peerId: string): boolean | undefined {
    const link = this.#links.get(peerId)
    if (!link) return undefined
    // Told of it again and again, gossipsub could not open a stream.
    return link.speaksMeshsub ?? (link.nudges >= this.#options.policy.maxNudges ? false : undefined)
  }

  /**
   * A peer that was killed and is back dials again while its dead connection still counts as open here. gossipsub would
   * keep its stream on the dead one, so the older connection is closed and gossipsub forgets what it knew.
   */
  #onConnection(connection: Connection): void {
    const { libp2p, now, onReconnect } = this.#deps
    const peer = connection.remotePeer
    const older = libp2p
      .getConnections(peer)
      .filter(({ id, timeline }) => id !== connection.id && this.#isOlder(timeline.open, connection.timeline.open))
    if (older.length > 0) {
      onReconnect('superseded')
      this.#forget(peer)
      for (const stale of older) stale.abort(new Error('superseded by a newer connection'))
    }
    if (older.length > 0 || !this.#links.has(peer.toString())) {
      this.#links.set(peer.toString(), {
        connectedAt: now(),
        subscribed: false,
        known: false,
        dropped: false,
        nudges: 0,
      })
    }
  }

  #onDisconnect(peer: PeerId): void {
    this.#links.delete(peer.toString())
    this.#leavers.push(peer)
  }

  #isOlder(opened: number, newest: number): boolean {
    return newest - opened > this.#options.simultaneousMs
  }

  #onIdentify({ peerId, protocols }: IdentifyResult): void {
    const link = this.#links.get(peerId.toString())
    if (link) link.speaksMeshsub = protocols.some((protocol) => MESHSUB_PROTOCOLS.includes(protocol))
  }

  #onSubscription({ peerId, subscriptions }: SubscriptionChangeData): void {
    const link = this.#links.get(peerId.toString())
    if (link && subscriptions.some(({ subscribe }) => subscribe)) link.subscribed = true
  }

  async #check(): Promise<void> {
    const { libp2p, pubsub, now } = this.#deps
    const connected = Map.groupBy(libp2p.getConnections(), ({ remotePeer }) => remotePeer.toString())
    const known = new Set<string>()
    for (const peer of pubsub.getPeers()) {
      // libp2p tells gossipsub of a leaver only by the protocols that identify named.
      if (connected.has(peer.toString())) known.add(peer.toString())
      else this.#forget(peer)
    }
    for (const [id, connections] of connected) {
      const link = this.#links.get(id)
      const peer = connections[0]?.remotePeer
      if (!link || !peer) continue
      this.#update(link, connections, known.has(id))
      const finding = diagnoseLink(this.#facts(link, now()), this.#options.policy)
      if (finding === 'healthy') {
        link.nudges = 0
        this.#reconnects.delete(id)
      } else if (finding === 'nudge') this.#nudge(peer, link)
      else if (finding !== 'wait') this.#reconnect(peer, finding)
    }
    await this.#removeStrangers(new Set(connected.keys()))
  }

  /** libp2p keeps what it knows of every peer that ever connected; of strangers that left it need not know anything. */
  async #removeStrangers(connected: ReadonlySet<string>): Promise<void> {
    const { libp2p, isTarget } = this.#deps
    const leavers = this.#leavers.splice(0)
    for (const peer of leavers) {
      if (connected.has(peer.toString()) || isTarget(peer.toString())) continue
      await libp2p.peerStore.delete(peer)
    }
  }

  #update(link: LinkRecord, connections: readonly Connection[], known: boolean): void {
    const streams = connections.flatMap((connection) => connection.streams)
    const gossip = streams.filter(({ protocol }) => MESHSUB_PROTOCOLS.includes(protocol))
    const open = gossip.some(({ direction }) => direction === 'outbound')
    if (open) link.streamAt ??= this.#deps.now()
    else delete link.streamAt
    // Known by its deed, where identify has not told.
    if (gossip.length > 0) link.speaksMeshsub = true
    if (!known) link.subscribed = false
    if (link.known && !known) link.dropped = true
    link.known = known
  }

  #facts(link: LinkRecord, now: number): GossipLink {
    return {
      connectedForMs: now - link.connectedAt,
      ...(link.streamAt !== undefined && { streamForMs: now - link.streamAt }),
      ...(link.speaksMeshsub !== undefined && { speaksMeshsub: link.speaksMeshsub }),
      subscribed: link.subscribed,
      dropped: link.dropped,
      nudges: link.nudges,
    }
  }

  #nudge(peer: PeerId, link: LinkRecord): void {
    link.nudges += 1
    const connection = this.#deps.libp2p.getConnections(peer).find(({ status }) => status === 'open')
    if (!connection) return
    for (const topology of this.#deps.meshsubTopologies()) void topology.onConnect?.(peer, connection)
  }

  #forget(peer: PeerId): void {
    for (const topology of this.#deps.meshsubTopologies()) void topology.onDisconnect?.(peer)
  }

  #reconnect(peer: PeerId, reason: ReconnectReason): void {
    const { libp2p, now, onReconnect } = this.#deps
    const id = peer.toString()
    const record = this.#reconnects.get(id) ?? { backOff: createBackOff(this.#options.backOff), notBefore: 0 }
    if (now() < record.notBefore) return
    record.notBefore = now() + record.backOff.next()
    this.#reconnects.set(id, record)
    const [oldest] = this.#reconnects.keys()
    if (this.#reconnects.size > MAX_RECONNECT_RECORDS && oldest !== undefined) this.#reconnects.delete(oldest)
    onReconnect(reason)
    // The redialer dials configured peers again. A stranger comes back by itself: dialling whatever addresses it
    // announces would let it aim us at others.
    libp2p.hangUp(peer, { signal: AbortSignal.timeout(HANG_UP_DEADLINE_MS) }).catch(() => undefined)
  }
}
