/** Peers that mean harm, or behave as if they did: what they do may cost them their link, and nobody else anything. */
import { multiaddr } from '@multiformats/multiaddr'
import type { Connection } from '@libp2p/interface'
import { compressSync } from 'snappy'
import { describe, expect, it, vi } from 'vitest'
import { createGossip } from '../../src/swarm/gossip.ts'
import { GossipLinks } from '../../src/swarm/gossip-links.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createNode } from '../../src/swarm/node.ts'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const OTHER_FORK = BLOCK.replace('12345678', '87654321')

async function dial(peer: PlainPeer, swarm: TestSwarm): Promise<Connection> {
  const [address] = swarm.target('quic').addresses
  return peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`))
}

describe('a hostile peer', () => {
  it('that opens gossip streams and answers none holds up nobody else', async () => {
    await using swarm = await startTestSwarm()
    await using silent = await startPlainPeer({ gossip: false, identify: false })
    const connection = await dial(silent, swarm)
    // Its muxer still accepts streams; nobody is there to speak on them.
    const { muxer, onIncomingStream } = connection as unknown as { muxer: EventTarget; onIncomingStream: () => void }
    muxer.removeEventListener('stream', onIncomingStream)
    for (let index = 0; index < 4; index++) await connection.newStream(['/meshsub/1.1.0'])
    await using honest = await startTestSwarm({ peers: [swarm.target('quic')] })
    await honest.until('meshed with the honest one', meshIs(swarm.id), 3000)
    await swarm.until('meshed with the honest one', meshIs(honest.id), 3000)
  })

  it('that publishes on another fork is counted, and what it sends is neither kept nor forwarded', async () => {
    await using swarm = await startTestSwarm()
    await using sender = await startPlainPeer({ topics: [BLOCK, OTHER_FORK] })
    await using other = await startPlainPeer({ topics: [BLOCK, OTHER_FORK] })
    for (const peer of [sender, other]) await dial(peer, swarm)
    await swarm.until('meshed', meshIs(sender.id, other.id))
    // As if the swarm had joined that topic: the sender's gossipsub only sends to subscribers.
    const tables = sender.libp2p.services['pubsub'] as { topics: Map<string, Set<string>> }
    tables.topics.set(OTHER_FORK, new Set([swarm.id]))
    await sender.publish(compressSync('foreign'), OTHER_FORK)
    await vi.waitFor(
      () => expect(swarm.counter('leanmesh_gossip_messages_total', { result: 'unsubscribed' })).toBe(1),
      { timeout: 5000 },
    )
    expect(swarm.counter('leanmesh_gossip_messages_total', { result: 'accepted' })).toBe(0)
    expect(other.received).toEqual([])
  })

  it('that floods with bombs is refused beyond what one turn of the event loop may take', async () => {
    const maxMessageBytes = 64 * 1024
    await using swarm = await startTestSwarm({ maxMessageBytes })
    await using sender = await startPlainPeer()
    await dial(sender, swarm)
    await swarm.until('meshed', meshIs(sender.id))
    await sender.untilMeshed([swarm.id])
    const bombs = Array.from({ length: 12 }, (_, index) => compressSync(Buffer.alloc(maxMessageBytes, index)))
    await Promise.all(bombs.map((bomb) => sender.publish(bomb)))
    const results = () =>
      ['accepted', 'over_budget'].map((result) => swarm.counter('leanmesh_gossip_messages_total', { result }))
    await vi.waitFor(() => expect(results().reduce((sum, count) => sum + count, 0)).toBe(12), { timeout: 5000 })
    expect(results()[0]).toBeGreaterThanOrEqual(4)
    expect(swarm.mesh()).toEqual([sender.id])
  })

  it('that came and went is forgotten, unless it is a configured one', async () => {
    await using target = await startPlainPeer()
    await using stranger = await startPlainPeer()
    const ignore = () => undefined
    const gossip = createGossip({ maxMessageBytes: 1024 }, ignore)
    const node = await createNode(
      { ...swarmOptions(), agent: 'test' },
      await swarmKey(undefined),
      gossip.options,
      SILENT_OBSERVER,
    )
    const policy = { nudgeAfterMs: 1500, maxNudges: 3, subscribeWithinMs: 3000 }
    const options = {
      checkIntervalMs: 50,
      policy,
      backOff: { initialMs: 1, maxMs: 1, jitter: 0 },
      simultaneousMs: 2000,
    }
    const isTarget = (peerId: string) => peerId === target.id
    const links = new GossipLinks(options, { ...node, isTarget, now: () => performance.now(), onReconnect: ignore })
    const stored = async () => (await node.libp2p.peerStore.all()).map(({ id }) => id.toString()).sort()
    links.start()
    await node.libp2p.start()
    try {
      for (const peer of [target, stranger]) {
        await node.libp2p.dial(multiaddr(`${peer.addresses[0]}/p2p/${peer.id}`))
      }
      await vi.waitFor(async () => expect(await stored()).toEqual([target.id, stranger.id].sort()), {
        timeout: 5000,
      })
      for (const { libp2p } of [target, stranger]) await node.libp2p.hangUp(libp2p.peerId)
      await vi.waitFor(async () => expect(await stored()).toEqual([target.id]), { timeout: 5000 })
    } finally {
      await links.stop()
      await node.libp2p.stop()
    }
  })
})
