import { noise } from '@chainsafe/libp2p-noise'
import { quic } from '@chainsafe/libp2p-quic'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub, type Message, StrictNoSign } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { expect, vi } from 'vitest'
import { mendOutboundStreams } from '../../src/swarm/mend-outbound-streams.ts'
import { createOutbox } from '../../src/swarm/outbox.ts'
import { answerIdentify } from './identify-answer.ts'
import { BLOCK } from './network-states.ts'

/** Nothing that a test sends is too long for it. */
const NO_LIMIT_BYTES = 64 * 1024 * 1024

export interface PlainPeerOptions {
  transport?: 'quic' | 'tcp'
  topics?: string[]
  /** False: it neither asks nor answers identify, so it opens no gossip stream of its own accord. */
  identify?: boolean
  /** False: it speaks no gossipsub. */
  gossip?: boolean
  heartbeatMs?: number
  /** What it calls itself in identify. */
  agent?: string
}

/** A libp2p node with stock gossipsub: what it publishes goes on the wire as it is. */
export interface PlainPeer extends AsyncDisposable {
  libp2p: Libp2p
  id: string
  /** Where it listens, without `/p2p/`. */
  addresses: string[]
  /** The wire bytes of what it received, in order. */
  received: Uint8Array[]
  publish(wire: Uint8Array, topic?: string): Promise<void>
  subscribe(topic: string): void
  /** Tells its mesh with a prune. */
  unsubscribe(topic: string): void
  mesh(topic?: string): string[]
  subscribers(topic?: string): string[]
  untilMeshed(peerIds: string[], timeoutMs?: number): Promise<void>
}

export async function startPlainPeer(options: PlainPeerOptions = {}): Promise<PlainPeer> {
  const { topics = [BLOCK] } = options
  const node = await createNode(options)
  const pubsub = node.services['pubsub'] as (GossipSub & { getMeshPeers(topic: string): string[] }) | undefined
  // js gossipsub alone sends no more than 4 MiB.
  if (pubsub) mendOutboundStreams(pubsub, createOutbox(), () => undefined)
  const received: Uint8Array[] = []
  pubsub?.addEventListener('message', ({ detail }: CustomEvent<Message>) => received.push(detail.data))
  // gossipsub does not start without the service; nothing says that it has to answer.
  if (options.identify === false) await node.unhandle('/ipfs/id/1.0.0')
  if (options.agent !== undefined) await answerIdentify(node, options.agent)
  for (const topic of topics) pubsub?.subscribe(topic)
  const mesh = (topic = BLOCK) => pubsub?.getMeshPeers(topic).toSorted() ?? []
  return {
    libp2p: node,
    id: node.peerId.toString(),
    addresses: node.getMultiaddrs().map((address) => address.toString().replace(/\/p2p\/.*$/, '')),
    received,
    publish: async (wire, topic = BLOCK) => void (await pubsub?.publish(topic, wire)),
    subscribe: (topic) => pubsub?.subscribe(topic),
    unsubscribe: (topic) => pubsub?.unsubscribe(topic),
    mesh,
    subscribers: (topic = BLOCK) => pubsub?.getSubscribers(topic).map(String).sort() ?? [],
    async untilMeshed(peerIds, timeoutMs = 5000) {
      await vi.waitFor(() => expect(mesh()).toEqual(peerIds.toSorted()), { timeout: timeoutMs, interval: 20 })
    },
    [Symbol.asyncDispose]: async () => node.stop(),
  }
}

async function createNode(options: PlainPeerOptions) {
  const { transport = 'quic', gossip = true, heartbeatMs = 200 } = options
  return createLibp2p({
    privateKey: await generateKeyPair('secp256k1'),
    addresses: { listen: [transport === 'quic' ? '/ip4/127.0.0.1/udp/0/quic-v1' : '/ip4/127.0.0.1/tcp/0'] },
    transports: [quic(), tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { reconnectRetries: 0 },
    connectionMonitor: { enabled: false },
    services: {
      identify: identify({ runOnConnectionOpen: options.identify !== false }),
      ...(gossip && {
        pubsub: gossipsub({
          globalSignaturePolicy: StrictNoSign,
          heartbeatInterval: heartbeatMs,
          maxInboundDataLength: NO_LIMIT_BYTES,
          maxOutboundBufferSize: NO_LIMIT_BYTES,
          allowPublishToZeroTopicPeers: true,
          // The defaults prune every peer at the eleventh on one address.
          scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0, topics: {} },
        }),
      }),
    },
  })
}
