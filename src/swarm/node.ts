import { quic } from '@chainsafe/libp2p-quic'
import { type GossipSub, type GossipSubComponents, gossipsub, type GossipsubOpts } from '@libp2p/gossipsub'
import type { Libp2p, PrivateKey, Topology } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type ServiceFactoryMap } from 'libp2p'
import { monotonicMs } from '../lifecycle/clock.ts'
import { countedIdentify } from './counted-identify.ts'
import { MESHSUB_PROTOCOLS } from './gossip.ts'
import { inboundGater, MAX_INBOUND_CONNECTIONS } from './inbound-limits.ts'
import { listenAddresses } from './listen-addresses.ts'
import { mendBackOffs } from './mend-back-offs.ts'
import { mendDeliveryRecords } from './mend-delivery-records.ts'
import { mendForwarding } from './mend-forwarding.ts'
import { type InboundObserver, mendInboundRpcs } from './mend-inbound-rpcs.ts'
import { mendInboundStreams } from './mend-inbound-streams.ts'
import { mendInboundUpgrades, type UpgradeObserver } from './mend-inbound-upgrades.ts'
import { quickNoise } from './mend-noise.ts'
import { mendOutboundStreams, OUTBOUND_BUDGET_BYTES } from './mend-outbound-streams.ts'
import { mendQuicReads } from './mend-quic-reads.ts'
import { mendSubscriptions, type SubscriptionObserver } from './mend-subscriptions.ts'
import { interoperableYamux } from './mend-yamux.ts'
import type { MeshView } from './mesh-recorder.ts'
import { createOutbox } from './outbox.ts'

/** New connections a second from one host: a whole devnet may share one address. */
const INBOUND_CONNECTIONS_PER_SECOND = 64
const MAX_PENDING_INBOUND = 64
/** One that the redialer made, and one that replaces it. */
const OWN_DIALS_PER_PEER = 2
/** Those that were let in while others were on their way. */
const PASSING_CONNECTIONS = MAX_PENDING_INBOUND
/** Long enough for a loaded host, short enough that a peer without identify is meshed soon (see gossip-links.ts). */
const IDENTIFY_TIMEOUT_MS = 5000
const DIAL_TIMEOUT_MS = 10_000

export interface NodeOptions {
  listen: string[]
  quic: { maxIdleTimeoutMs: number; keepAliveIntervalMs: number }
  agent: string
  /** Ours: subscriptions of peers to others are not kept. */
  topics: readonly string[]
  /** Those that it may be connected to beside all who connect to it. */
  peers: readonly unknown[]
}

/** The libp2p node of a swarm, not started. */
export interface SwarmNode {
  libp2p: Libp2p
  pubsub: GossipSub & MeshView
  /** Multiaddrs with the peer id; an address that an interface got since may be missing for ten seconds. */
  listenAddresses(): string[]
  /** What gossipsub registered to hear of peers: to be told of peers that libp2p does not tell it about. */
  meshsubTopologies(): Topology[]
}

/** Told of what libp2p and gossipsub themselves tell nobody. */
export interface NodeObserver extends InboundObserver, SubscriptionObserver, UpgradeObserver {
  /** An RPC was too long to be read. */
  onOversizedRpc(): void
  /** A peer does not read what it is sent. Its stream was given up. */
  onSlowPeer(): void
  /** Nothing came of asking a peer who it is. */
  onIdentifyFailure(): void
}

/** A libp2p node with QUIC and TCP, identify, ping and gossipsub; it does not dial by itself. */
export async function createNode(
  options: NodeOptions,
  privateKey: PrivateKey,
  gossip: Partial<GossipsubOpts>,
  observer: NodeObserver,
): Promise<SwarmNode> {
  let registrar: GossipSubComponents['registrar'] | undefined
  const services = {
    identify: countedIdentify(IDENTIFY_TIMEOUT_MS, observer.onIdentifyFailure),
    ping: ping(),
    pubsub: (components: GossipSubComponents & { upgrader: unknown }) => {
      registrar = components.registrar
      mendInboundUpgrades(components.upgrader, observer)
      // Its class has `getMeshPeers`, its published interface has not.
      const pubsub = gossipsub(gossip)(components) as GossipSub & MeshView
      mendGossip(pubsub, gossip, options.topics, observer)
      return pubsub
    },
  } satisfies ServiceFactoryMap
  const libp2p: Libp2p<{ pubsub: GossipSub & MeshView }> = await createLibp2p({
    privateKey,
    start: false,
    nodeInfo: { userAgent: options.agent },
    addresses: { listen: options.listen },
    transports: await transports(options.quic),
    connectionEncrypters: [quickNoise()],
    streamMuxers: [interoperableYamux(observer.onSlowPeer)],
    connectionGater: inboundGater(() => libp2p.getConnections(), observer),
    connectionManager: {
      // At this many libp2p closes the newest of the idle: a target that was just dialled must not be one.
      maxConnections: MAX_INBOUND_CONNECTIONS + OWN_DIALS_PER_PEER * options.peers.length + PASSING_CONNECTIONS,
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND,
      dialTimeout: DIAL_TIMEOUT_MS,
      // The redialer resolves names and retries; two of a kind would race each other.
      reconnectRetries: 0,
    },
    // It aborts healthy connections to rust-libp2p peers over its own ping; QUIC's keep-alive does that work.
    connectionMonitor: { enabled: false },
    services,
  })
  return {
    libp2p,
    pubsub: libp2p.services.pubsub,
    listenAddresses: listenAddresses(libp2p, monotonicMs),
    meshsubTopologies: () => MESHSUB_PROTOCOLS.flatMap((protocol) => registrar?.getTopologies(protocol) ?? []),
  }
}

/**
 * What may wait for us in QUIC's native part, of a stream and of a connection: a second of 1,000 messages of 3.2 KB. By default 10
 * and 15 MB, out of our sight, for each of 300 connections. A peer that sends more than we read is told to wait.
 */
const QUIC_WINDOWS = { maxStreamData: 4 * 1024 * 1024, maxConnectionData: 6 * 1024 * 1024 }

async function transports({ maxIdleTimeoutMs, keepAliveIntervalMs }: NodeOptions['quic']) {
  await mendQuicReads()
  return [quic({ ...QUIC_WINDOWS, maxIdleTimeout: maxIdleTimeoutMs, keepAliveInterval: keepAliveIntervalMs }), tcp()]
}

function mendGossip(
  pubsub: GossipSub,
  { maxOutboundBufferSize = 0 }: Partial<GossipsubOpts>,
  topics: readonly string[],
  observer: NodeObserver,
): void {
  // js gossipsub offers 1.0 as well, which no lean client does.
  pubsub.protocols.splice(0, pubsub.protocols.length, ...MESHSUB_PROTOCOLS)
  const outbox = createOutbox()
  mendOutboundStreams(pubsub, outbox, observer.onSlowPeer, Math.max(OUTBOUND_BUDGET_BYTES, maxOutboundBufferSize))
  const onCopy = mendForwarding(pubsub, outbox)
  mendDeliveryRecords(pubsub)
  mendBackOffs(pubsub)
  mendInboundStreams(pubsub, observer.onOversizedRpc)
  mendInboundRpcs(pubsub, observer, onCopy)
  mendSubscriptions(pubsub, new Set(topics), observer)
}
