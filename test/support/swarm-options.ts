import type { SwarmOptions } from '../../src/channel/messages.ts'
import { BLOCK } from './network-states.ts'

const MAX_MESSAGE_BYTES = 12 * 1024 * 1024

/** A swarm on loopback, at ports of the system's choice. */
export function swarmOptions(overrides: Partial<SwarmOptions> = {}): SwarmOptions {
  return {
    listen: ['/ip4/127.0.0.1/udp/0/quic-v1', '/ip4/127.0.0.1/tcp/0'],
    topics: [BLOCK],
    peers: [],
    maxMessageBytes: MAX_MESSAGE_BYTES,
    statusIntervalMs: 0,
    quic: { maxIdleTimeoutMs: 4000, keepAliveIntervalMs: 1500 },
    ...overrides,
  }
}
