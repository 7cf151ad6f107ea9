/** Peers that announce too much: it is counted, costs next to nothing, and nobody else anything. */
import type { Identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { createForeignForks } from '../../src/measure/foreign-forks.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createNode } from '../../src/swarm/node.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { reachableHeapBytes } from '../support/collect-garbage.ts'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const IGNORED = 'leanmesh_ignored_subscriptions_total'
const OTHER_FORK = BLOCK.replace('12345678', 'devnet0')

async function dial(peer: PlainPeer, swarm: TestSwarm): Promise<void> {
  const [address] = swarm.target('tcp').addresses
  await peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`))
}

function announce(peer: PlainPeer, swarm: TestSwarm, topics: string[], subscribe = true): void {
  const pubsub = peer.libp2p.services['pubsub'] as {
    sendSubscriptions(peer: string, topics: string[], subscribe: boolean): void
  }
  pubsub.sendSubscriptions(swarm.id, topics, subscribe)
}

const untilIgnored = async (swarm: TestSwarm, kind: string, count: number) =>
  vi.waitFor(() => expect(swarm.counter(IGNORED, { kind })).toBe(count), { timeout: 10_000, interval: 20 })

describe('a peer of another fork', () => {
  it('is counted with its digest, is not hung up on, and is forgotten when it leaves', async () => {
    await using foreigner = await startPlainPeer({ transport: 'tcp', topics: [OTHER_FORK] })
    await using swarm = await startTestSwarm({ peers: [{ peerId: foreigner.id, addresses: foreigner.addresses }] })
    const forks = { peers: 1, digests: [{ forkDigest: 'devnet0', peers: 1 }] }
    await swarm.until('seen on the other fork', ({ foreignForks }) => foreignForks.peers === 1)
    expect(swarm.swarm.snapshot().foreignForks).toEqual(forks)
    // As long as the watchdog gives a peer to subscribe, and some: five ticks.
    const before = swarm.pushes()
    await swarm.until('five ticks later', () => swarm.pushes() >= before + 5, 8000)
    expect(swarm.counter('leanmesh_watchdog_reconnects_total', {})).toBe(0)
    expect(swarm.swarm.snapshot()).toMatchObject({ foreignForks: forks, connectedPeers: [foreigner.id] })
    await foreigner.libp2p.stop()
    await swarm.until('forgotten', ({ foreignForks }) => foreignForks.peers === 0)
  })

  it('that comes to ours counts no more', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp', topics: [OTHER_FORK] })
    await dial(peer, swarm)
    await swarm.until('seen on the other fork', ({ foreignForks }) => foreignForks.peers === 1)
    peer.subscribe(BLOCK)
    announce(peer, swarm, [OTHER_FORK], false)
    await swarm.until('meshed', meshIs(peer.id))
    expect(swarm.swarm.snapshot().foreignForks).toEqual({ peers: 0, digests: [] })
  })
})

describe('a hostile peer', () => {
  it('that announces 10,000 topics leaves none of them behind, and can still join ours', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp', topics: [] })
    await dial(peer, swarm)
    await swarm.until('connected', ({ connectedPeers }) => connectedPeers.length === 1)
    await vi.waitFor(() => expect(peer.libp2p.getConnections()[0]?.streams.length).toBeGreaterThan(0))
    const topics = Array.from({ length: 10_000 }, (_, index) => `/chat/${index}/${'x'.repeat(200)}`)
    // 5,000 are what js gossipsub reads of one RPC.
    await vi.waitFor(
      () => {
        announce(peer, swarm, ['/warm/up'])
        expect(swarm.counter(IGNORED, {})).toBeGreaterThan(0)
      },
      { timeout: 5000, interval: 50 },
    )
    const before = swarm.counter(IGNORED, {})
    for (const half of [topics.slice(0, 5000), topics.slice(5000)]) announce(peer, swarm, half)
    await vi.waitFor(() => expect(swarm.counter(IGNORED, {})).toBeGreaterThanOrEqual(before + 10_000), {
      timeout: 10_000,
    })
    expect(swarm.swarm.snapshot().foreignForks).toEqual({ peers: 0, digests: [] })
    peer.subscribe(BLOCK)
    await swarm.until('meshed', meshIs(peer.id))
    expect(JSON.stringify(swarm.swarm.snapshot())).not.toContain('/chat/')
  })

  it('that announces a topic of 1 MB is counted and nothing more', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp' })
    await dial(peer, swarm)
    await swarm.until('meshed', meshIs(peer.id))
    announce(peer, swarm, [`/leanconsensus/${'x'.repeat(1_000_000)}/block/ssz_snappy`])
    await untilIgnored(swarm, 'not_lean', 1)
    expect(swarm.swarm.snapshot().foreignForks.peers).toBe(0)
    expect(swarm.mesh()).toEqual([peer.id])
  })

  it('that floods with subscriptions and their ends costs no more than its last announcement', async () => {
    await using swarm = await startTestSwarm()
    await using peer = await startPlainPeer({ transport: 'tcp' })
    await dial(peer, swarm)
    await swarm.until('meshed', meshIs(peer.id))
    const pushes = swarm.pushes()
    const startedAt = performance.now()
    for (let index = 0; index < 5000; index++) announce(peer, swarm, [OTHER_FORK], index % 2 === 0)
    await untilIgnored(swarm, 'foreign_digest', 2500)
    await swarm.until('forgotten', ({ foreignForks }) => foreignForks.peers === 0)
    const seconds = (performance.now() - startedAt) / 1000
    expect(swarm.pushes() - pushes).toBeLessThanOrEqual(Math.ceil(seconds * 20) + Math.ceil(seconds) + 2)
    expect(swarm.mesh()).toEqual([peer.id])
  })

  it('with an agent version of 1 MB, or with markup, gossips like any other, and only the second is kept', async () => {
    const markup = '<script>alert(1)</script>\u202E'
    const agents = ['a'.repeat(1_000_000), markup]
    await using swarm = await startTestSwarm()
    for (const agent of agents) {
      await using peer = await startPlainPeer({ transport: 'tcp', agent })
      await dial(peer, swarm)
      await swarm.until('meshed', meshIs(peer.id), 10_000)
      const kept = agent === markup ? [[peer.id, '<script>alert(1)</script>?']] : []
      await swarm.until('identified', ({ agents: told }) => JSON.stringify(told) === JSON.stringify(kept), 10_000)
    }
    expect(swarm.counter('leanmesh_identify_failures_total', {}), 'of the one that is too long').toBe(1)
  })
})

it('identify takes no message of 1 MB: what libp2p keeps of its sender stays small', async () => {
  const { options } = createGossip({ maxMessageBytes: 1024 }, () => undefined)
  const key = await swarmKey(undefined)
  const { libp2p } = await createNode({ ...swarmOptions(), agent: 'test' }, key, options, SILENT_OBSERVER)
  await using ordinary = await startPlainPeer({ transport: 'tcp', agent: 'a'.repeat(1000) })
  await using hostile = await startPlainPeer({ transport: 'tcp', agent: 'a'.repeat(1_000_000) })
  const keptBytes = async (peer: PlainPeer) => {
    const { metadata } = await libp2p.peerStore.get(peer.libp2p.peerId)
    return [...metadata.values()].reduce((sum, value) => sum + value.length, 0)
  }
  const { identify } = libp2p.services as unknown as { identify: Identify }
  await libp2p.start()
  try {
    const dialled = (peer: PlainPeer) => libp2p.dial(multiaddr(`${peer.addresses[0]}/p2p/${peer.id}`))
    const connection = await dialled(hostile)
    await dialled(ordinary)
    // Identify runs by itself when a connection opens.
    await vi.waitFor(async () => expect(await keptBytes(ordinary)).toBeGreaterThan(1000), { timeout: 5000 })
    await expect(identify.identify(connection)).rejects.toThrow(/length/i)
    expect(await keptBytes(hostile)).toBeLessThan(200)
  } finally {
    await libp2p.stop()
  }
})

it('300 peers that announce all they can keep less than 8 MiB', () => {
  const forks = createForeignForks([BLOCK], createTotals())
  const before = reachableHeapBytes()
  for (let peer = 0; peer < 300; peer++) {
    for (let digest = 0; digest < 8; digest++) {
      const filler = `${peer}-${digest}-`.padEnd(180, 'd')
      for (let subnet = 0; subnet < 140; subnet++) {
        forks.onSubscription(`peer-${peer}`, `/leanconsensus/${filler}/attestation_${subnet}/ssz_snappy`, true)
      }
    }
  }
  const grownMiB = (reachableHeapBytes() - before) / 1024 / 1024
  expect(forks.read().peers).toBe(300)
  expect(grownMiB).toBeLessThan(8)
})
