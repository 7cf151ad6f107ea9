import { defaultTopicNames, leanTopic } from '../../src/mesh/topics.ts'
import type { NetworkOptions, SidecarOptions } from '../../src/sidecar.ts'

export const TOPICS = defaultTopicNames(1).map((name) => leanTopic('12345678', name))
export const TRANSPORTS = ['quic', 'tcp'] as const
export type Transport = (typeof TRANSPORTS)[number]

export const LISTEN: Readonly<Record<Transport, string>> = {
  quic: '/ip4/127.0.0.1/udp/0/quic-v1',
  tcp: '/ip4/127.0.0.1/tcp/0',
}
/** The default of the setting. */
export const SNAPSHOT_DEADLINE_MS = 250

/** One network with the settings' defaults, on loopback. Its scrapes may pile up: that is what is measured. */
export function sidecarOptions(transport: Transport, peers: readonly string[]): OneNetwork {
  const swarm = {
    listen: [LISTEN[transport]],
    topics: TOPICS,
    peers: peers.map(target),
    maxMessageBytes: 12 * 1024 * 1024,
    statusIntervalMs: 32_000,
    quic: { maxIdleTimeoutMs: 4000, keepAliveIntervalMs: 1500 },
  }
  return {
    networks: [{ networkId: '0', swarm }],
    http: { host: '127.0.0.1', port: 0, maxConnections: 1024 },
    devnet: 0,
    isScraped: true,
    resource: { 'service.name': 'leanmesh' },
    snapshotDeadlineMs: SNAPSHOT_DEADLINE_MS,
    log: { level: 'silent', format: 'json' },
  }
}

export interface OneNetwork extends SidecarOptions {
  networks: [NetworkOptions]
}

function target(address: string): { peerId: string; addresses: string[] } {
  const [transport = '', peerId = ''] = address.split('/p2p/')
  return { peerId, addresses: [transport] }
}
