import { stop, type Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, it, vi } from 'vitest'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer } from '../support/plain-peer.ts'
import { createTestNode } from '../support/test-node.ts'

const MESSAGES = 30

it('what waits to be sent in a flood is sent when gossipsub stops', async () => {
  await using peer = await startPlainPeer()
  const { libp2p, pubsub } = await createTestNode()
  await libp2p.start()
  try {
    pubsub.subscribe(BLOCK)
    await libp2p.dial(multiaddr(peer.addresses[0]))
    await peer.untilMeshed([libp2p.peerId.toString()])
    await vi.waitFor(() => expect(pubsub.getMeshPeers(BLOCK)).toEqual([peer.id]), { timeout: 10_000, interval: 10 })
    for (let byte = 0; byte < MESSAGES; byte++) {
      await pubsub.publish(BLOCK, Uint8Array.of(byte))
      // In turns of their own, so that what a burst may send at once is used up.
      await new Promise((resolve) => setImmediate(resolve))
    }
    const sent: Uint8Array[] = []
    const streams = Reflect.get(pubsub, 'streamsOutbound') as Map<string, { rawStream: Stream }>
    for (const { rawStream } of streams.values()) {
      const send = rawStream.send.bind(rawStream)
      rawStream.send = (data) => {
        sent.push(data.subarray())
        return send(data)
      }
    }
    await stop(pubsub)
    expect(sent).toHaveLength(1)
    await vi.waitFor(() => expect(peer.received).toHaveLength(MESSAGES), { timeout: 10_000, interval: 10 })
  } finally {
    await libp2p.stop()
  }
})
