import type { Libp2p } from '@libp2p/interface'
import type { SwarmOptions } from '../channel/messages.ts'
import { monotonicMs } from '../lifecycle/clock.ts'
import { createMessages, type Messages } from '../measure/messages.ts'
import { type Counter, createTotals, keptCounters, type Totals } from '../measure/totals.ts'
import { type Names, NO_NAMES, UNKNOWN_NAME } from '../mesh/names.ts'
import type { PeerIdString, ProcessUsage, Snapshot } from '../mesh/snapshot.ts'
import { topicKind } from '../mesh/topics.ts'
import { type Agents, createAgents } from './agents.ts'
import { companionFacts } from './companion-facts.ts'
import { type ConnectionWatch, createConnectionWatch } from './connection-watch.ts'
import { dial, disconnected, isConnected, peersOf } from './dial.ts'
import { createGossip, type ReceivedMessage } from './gossip.ts'
import { GossipLinks } from './gossip-links.ts'
import { CHECK_INTERVAL_MS, Heads } from './heads.ts'
import { swarmKey } from './identity.ts'
import { listenFailure } from './listen-failure.ts'
import { createMeshRecorder, type MeshRecorder } from './mesh-recorder.ts'
import { createMeshWatch, type MeshWatch } from './mesh-watch.ts'
import { createNode, type SwarmNode } from './node.ts'
import { createOwnRegister, type OwnRegister } from './own-register.ts'
import { createRedialer, type Redialer } from './redialer.ts'
import { createStatusHandler, STATUS_STREAMS } from './status.ts'
import { STATUS_PROTOCOL } from './status-codec.ts'

/** A snapshot is pushed when none was taken for so long, in milliseconds. */
const TICK_MS = 1000
const DIAL_BACK_OFF = { initialMs: 500, maxMs: 30_000, jitter: 0.3 }
const RECONNECT_BACK_OFF = { initialMs: 3000, maxMs: 60_000, jitter: 0.3 }
const STABLE_CONNECTION_MS = 5000
const SIMULTANEOUS_DIAL_MS = 2000
/** Between two checks: at the time of one it would be chance whether it is over. */
const LINK_POLICY = { nudgeAfterMs: 1500, maxNudges: 3, subscribeWithinMs: 3500 }

export interface SwarmDeps {
  /** The agent version that identify tells. */
  agent: string
  usage(): ProcessUsage
  /** Called after the mesh may have changed, and when no snapshot was taken for a second; never because a message arrived. */
  onSnapshot(snapshot: Snapshot): void
}

/** The libp2p node of one network with everything that keeps it a good peer. */
export class Swarm {
  readonly #options: SwarmOptions
  readonly #deps: SwarmDeps
  readonly #gossipsub: OwnRegister | undefined
  readonly #totals: Totals
  readonly #messageCounter: (kind: string, result: string) => Counter
  readonly #meshWatch: MeshWatch
  readonly #connectionWatch: ConnectionWatch
  readonly #messages: Messages
  readonly #agents: Agents = createAgents()
  #node: SwarmNode | undefined
  #recorder: MeshRecorder | undefined
  #redialer: Redialer | undefined
  #links: GossipLinks | undefined
  #heads: Heads | undefined
  #names = NO_NAMES
  #tick: NodeJS.Timeout | undefined

  constructor(options: SwarmOptions, deps: SwarmDeps) {
    this.#options = options
    this.#deps = deps
    this.#gossipsub = createOwnRegister(options)
    this.#totals = createTotals(options.topics)
    this.#messageCounter = keptCounters(this.#totals, 'leanmesh_gossip_messages_total', 'topic_kind', 'result')
    this.#meshWatch = createMeshWatch(options.topics, this.#totals)
    this.#connectionWatch = createConnectionWatch(this.#totals)
    const clocks = { nowMs: () => Date.now(), monotonicMs }
    this.#messages = createMessages(options.genesisTimeSeconds, {
      totals: this.#totals,
      isTrusted: (peerId) => this.#isTrusted(peerId),
      ...clocks,
    })
  }

  /** @throws LeanmeshError `ERR_SWARM_LISTEN` when an address cannot be listened on */
  async start(): Promise<void> {
    const { maxMessageBytes } = this.#options
    const gossip = createGossip({ maxMessageBytes, register: this.#gossipsub }, (message) => this.#onMessage(message))
    const key = await swarmKey(this.#options.identityKeyHex)
    const node = await createNode({ ...this.#options, agent: this.#deps.agent }, key, gossip.options, {
      ...this.#meshWatch,
      ...this.#connectionWatch,
      // Its topic is inside what could not be read.
      onOversizedRpc: () => void this.#messageCounter('other', 'oversized').value++,
      onUnsubscribedMessage: (topic) => void this.#messageCounter(topicKind(topic), 'unsubscribed').value++,
      onDuplicateMessage: (topic) => this.#messages.onCopy(topicKind(topic)),
      onSlowPeer: () => void this.#totals.counter('leanmesh_slow_peers_total').value++,
      onIdentifyFailure: () => void this.#totals.counter('leanmesh_identify_failures_total').value++,
    })
    this.#node = node
    const { libp2p, pubsub } = node
    this.#gossipsub?.tellProtocols(pubsub.protocols)
    this.#meshWatch.attach(pubsub)
    this.#connectionWatch.attach(libp2p)
    this.#agents.attach(libp2p)
    const push = () => this.#deps.onSnapshot(this.snapshot())
    const sources = { mesh: pubsub, gossip: pubsub, connections: libp2p }
    this.#recorder = createMeshRecorder(this.#options.topics, sources, push)
    this.#recorder.start()
    this.#redialer = this.#createRedialer(libp2p)
    this.#links = this.#createLinks(node)
    this.#links.start()
    const heads = this.#createHeads(libp2p)
    this.#heads = heads
    const onStatus = heads.onStatus.bind(heads)
    await libp2p.handle(STATUS_PROTOCOL, createStatusHandler(this.#totals, onStatus), STATUS_STREAMS)
    try {
      await libp2p.start()
    } catch (error) {
      throw listenFailure(error)
    }
    for (const topic of this.#options.topics) {
      pubsub.topicValidators.set(topic, gossip.validator)
      pubsub.subscribe(topic)
    }
    this.#redialer.start()
    heads.start()
    push()
    this.#tick = setInterval(push, TICK_MS)
  }

  /** By which named peers are told apart from now on. */
  setNames(names: Names): void {
    this.#names = names
  }

  snapshot(): Snapshot {
    const node = this.#node
    if (!node) throw new Error('the swarm is not started')
    this.#tick?.refresh()
    const { companion } = this.#options
    const connectedPeers = [...peersOf(node.libp2p).keys()]
    const [links, meshWatch] = [this.#links, this.#meshWatch]
    // Who delivers nothing has its 0 all the same.
    for (const peerId of connectedPeers) this.#clientOf(peerId)
    return {
      takenAtMs: monotonicMs(),
      peerId: node.libp2p.peerId.toString(),
      listenAddresses: node.listenAddresses(),
      topics: this.#recorder?.read() ?? [],
      connectedPeers,
      agents: this.#agents.read(connectedPeers),
      targets: this.#redialer?.states() ?? [],
      ...(companion !== undefined && { companion: companionFacts(companion, { connectedPeers, links, meshWatch }) }),
      messages: this.#messages.state(),
      ...this.#meshWatch.read(),
      heads: this.#heads?.read() ?? [],
      totals: this.#totals.read(),
      usage: this.#deps.usage(),
      ...(this.#gossipsub && { gossipsub: this.#gossipsub.read() }),
    }
  }

  /** Publishes on a topic, uncompressed. The sidecar never does; the peers of the devnet do. */
  async publish(topic: string, data: Uint8Array): Promise<void> {
    await this.#node?.pubsub.publish(topic, data)
  }

  /** Leaves the network: unsubscribes are implied by closing every connection. Idempotent. */
  async stop(): Promise<void> {
    clearInterval(this.#tick)
    this.#tick = undefined
    this.#recorder?.stop()
    await Promise.all([this.#redialer?.stop(), this.#links?.stop(), this.#heads?.stop(), this.#node?.libp2p.stop()])
  }

  #onMessage({ topic, verdict, from: peer, data, wireBytes }: ReceivedMessage): void {
    const kind = topicKind(topic)
    this.#messageCounter(kind, verdict).value++
    if (verdict !== 'accepted' || kind === 'other') return
    const from = peer.toString()
    this.#messages.onAccepted({ kind, from, client: this.#clientOf(from), data, wireBytes })
  }

  /** Identities cost nothing: where some peers are configured or named, strangers have no say about the clock. */
  #isTrusted(peerId: PeerIdString): boolean {
    const { peers } = this.#options
    if (peers.length === 0 && this.#names.size === 0) return true
    return this.#names.has(peerId) || peers.some((peer) => peer.peerId === peerId)
  }

  /** The name under which a peer is counted. */
  #clientOf(peerId: PeerIdString): string {
    const name = this.#names.get(peerId)
    return name !== undefined && this.#totals.addClient(name) ? name : UNKNOWN_NAME
  }

  #createRedialer(libp2p: Libp2p): Redialer {
    const options = {
      targets: this.#options.peers,
      ownPeerId: libp2p.peerId.toString(),
      backOff: DIAL_BACK_OFF,
      stableMs: STABLE_CONNECTION_MS,
    }
    return createRedialer(options, {
      dial: (target, signal) => dial(libp2p, target, signal),
      isConnected: (peerId) => isConnected(libp2p, peerId),
      disconnected: (peerId, signal) => disconnected(libp2p, peerId, signal),
      now: monotonicMs,
      onDial: (result, error) => {
        this.#totals.counter('leanmesh_dials_total', { result }).value++
        if (result === 'failure') this.#connectionWatch.onDialFailure(error)
      },
    })
  }

  #createHeads(libp2p: Libp2p): Heads {
    return new Heads(this.#options, {
      libp2p,
      totals: this.#totals,
      names: () => this.#names,
      // A clock that is off must not make liars of the peers.
      genesisTime: () =>
        this.#messages.state().clock.state === 'suspect' ? undefined : this.#options.genesisTimeSeconds,
      now: monotonicMs,
    })
  }

  #createLinks(node: SwarmNode): GossipLinks {
    const targets = new Set(this.#options.peers.map(({ peerId }) => peerId))
    const options = {
      // On the beat on which it is looked whom to ask for a Status: both wake the process together.
      checkIntervalMs: CHECK_INTERVAL_MS,
      policy: LINK_POLICY,
      backOff: RECONNECT_BACK_OFF,
      simultaneousMs: SIMULTANEOUS_DIAL_MS,
    }
    return new GossipLinks(options, {
      ...node,
      isTarget: (peerId) => targets.has(peerId),
      now: monotonicMs,
      onReconnect: (reason) => void this.#totals.counter('leanmesh_watchdog_reconnects_total', { reason }).value++,
    })
  }
}
