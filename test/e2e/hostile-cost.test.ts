/** What hostile peers cost a swarm, of which an operator reads the memory and the CPU in a scrape, and whom else they bother. */
import { randomBytes } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { devnetBlock } from '../../src/devnet/messages.ts'
import { SLOT_MS } from '../../src/mesh/slot-clock.ts'
import { statusResponse } from '../../src/swarm/status-codec.ts'
import '../support/compile-cache.ts'
import { BLOCK } from '../support/network-states.ts'
import { startPlainPeer, type PlainPeer, type PlainPeerOptions } from '../support/plain-peer.ts'
import { meshOf, startRunningSidecar, type RunningSidecar } from '../support/running-sidecar.ts'
import { statusBody } from '../support/status-body.ts'
import { type StatusHandler, startStatusPeer } from '../support/status-peer.ts'

const MIB = 1024 * 1024
/** What each of these may cost the swarm, as docs/hostile-input.md states it. */
const LIMIT = { mebibytes: 40, cpuSeconds: 2 }
const OTHER_FORK = BLOCK.replace('12345678', 'devnet0')
/** 25,000 slots ago: there is a past. */
const genesisTimeSeconds = Math.floor(Date.now() / 1000) - 100_000
const slotNow = () => Math.floor((Date.now() / 1000 - genesisTimeSeconds) / (SLOT_MS / 1000))

interface Deed {
  what: string
  peers: PlainPeerOptions[]
  /** What they answer a Status request with, each one of these; they do not speak the protocol without it. */
  status?: readonly Buffer[]
  commit?(peer: PlainPeer, swarmId: string): Promise<void> | void
  /** The counter that tells of it, and how often it has to have counted. */
  counted: [metric: RegExp, least: number]
}

function announce(peer: PlainPeer, swarmId: string, topics: string[], subscribe = true): void {
  const pubsub = peer.libp2p.services['pubsub'] as {
    sendSubscriptions(peer: string, topics: string[], subscribe: boolean): void
  }
  pubsub.sendSubscriptions(swarmId, topics, subscribe)
}

async function publishAll(peer: PlainPeer, messages: Iterable<Uint8Array>): Promise<void> {
  for (const wire of messages) await peer.publish(wire)
}

const times = <T>(length: number, make: (index: number) => T) => Array.from({ length }, (_, index) => make(index))

const BAD_STATUS = [
  Buffer.concat([Buffer.of(0, 80), randomBytes(MIB)]),
  Buffer.concat([Buffer.of(0, 79), randomBytes(79)]),
  statusResponse(statusBody({ headSlot: 2n ** 64n - 1n })),
  statusResponse(statusBody({ headSlot: 10_000_000 })),
]

const DEEDS: Deed[] = [
  {
    what: 'five peers with an agent version of 1 MB, and one with markup',
    peers: [...times(5, () => ({ agent: 'a'.repeat(1_000_000) })), { agent: '<script>alert(1)</script>' }],
    counted: [/^leanmesh_identify_failures_total\{/, 5],
  },
  {
    what: '10,000 topics of 200 characters',
    peers: [{}],
    commit: (peer, swarmId) => {
      // 5,000 are what js gossipsub reads of one RPC.
      const topics = times(10_000, (index) => `/chat/${index}/${'x'.repeat(190)}`)
      for (const half of [topics.slice(0, 5000), topics.slice(5000)]) announce(peer, swarmId, half)
    },
    counted: [/^leanmesh_ignored_subscriptions_total\{.*kind="not_lean"/, 10_000],
  },
  {
    what: '20,000 subscriptions to another fork and their ends',
    peers: [{}],
    commit: (peer, swarmId) => times(20_000, (index) => announce(peer, swarmId, [OTHER_FORK], index % 2 === 0)).length,
    counted: [/^leanmesh_ignored_subscriptions_total\{.*kind="foreign_digest"/, 10_000],
  },
  {
    what: '2,000 messages of noise that does not decode',
    peers: [{}],
    commit: async (peer) =>
      publishAll(
        peer,
        times(2000, () => Buffer.concat([Buffer.of(200, 2), randomBytes(512)])),
      ),
    counted: [/^leanmesh_gossip_messages_total\{.*result="undecodable"/, 2000],
  },
  {
    what: '2,000 messages that announce 4 GiB, and 20 that hold more than 12 MiB',
    peers: [{}],
    commit: async (peer) => {
      await publishAll(
        peer,
        times(2000, () => Buffer.concat([Buffer.from('ffffffff0f', 'hex'), randomBytes(512)])),
      )
      await publishAll(
        peer,
        times(20, (index) => compressSync(Buffer.alloc(12 * MIB + 1, index))),
      )
    },
    counted: [/^leanmesh_gossip_messages_total\{.*result="oversized"/, 2020],
  },
  {
    what: '2,000 blocks of slots far in the past and the future',
    peers: [{}],
    commit: async (peer) =>
      publishAll(
        peer,
        times(2000, (index) => compressSync(devnetBlock(index % 2 === 0 ? index : 2 ** 32 - index))),
      ),
    counted: [/^leanmesh_untimed_messages_total\{.*reason="clock"/, 2000],
  },
  {
    what: 'ten peers whose Status is too long, too short, or of a slot that cannot be',
    peers: times(10, () => ({})),
    status: BAD_STATUS,
    counted: [/^leanmesh_status_queries_total\{.*result="invalid"/, 20],
  },
]

const answering =
  (answer: Buffer): StatusHandler =>
  async (stream) => {
    stream.send(answer)
    await stream.close()
  }

/** The sum of the series that match. */
function sumOf(text: string, series: RegExp): number {
  const lines = text.split('\n').filter((line) => series.test(line))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

const memoryOf = (text: string) => sumOf(text, /^process_resident_memory_bytes\{.*plane="swarm"/) / MIB
const cpuOf = (text: string) => sumOf(text, /^process_cpu_seconds_total\{.*plane="swarm"/)
const acceptedOf = (text: string) => sumOf(text, /^leanmesh_gossip_messages_total\{.*result="accepted"/)

/** What it takes of the swarm until it is counted: at most so many MiB more at a scrape, and CPU. */
async function costOf(deed: Deed, sidecar: RunningSidecar, attack: () => Promise<void>) {
  const before = await sidecar.metrics()
  let peak = 0
  const [metric, least] = deed.counted
  const counting = sidecar.waitForMetrics((text) => {
    peak = Math.max(peak, memoryOf(text))
    return sumOf(text, metric) - sumOf(before, metric) >= least
  }, 30_000)
  await Promise.all([attack(), counting])
  return { mebibytes: peak - memoryOf(before), cpuSeconds: cpuOf(await counting) - cpuOf(before) }
}

test.each(DEEDS)('$what cost the swarm little, and nobody else anything', async (deed) => {
  await using stack = new AsyncDisposableStack()
  const { peers, status, commit } = deed
  const start = async (options: PlainPeerOptions, index: number) => {
    const answer = status?.[index % status.length]
    return stack.use(await (answer ? startStatusPeer(answering(answer), options) : startPlainPeer(options)))
  }
  const hostile = await Promise.all(peers.map(start))
  const honest = stack.use(await startPlainPeer())
  const names = new Map(hostile.map(({ id }, index) => [id, `hostile_${index}`]))
  const sidecar = stack.use(
    await startRunningSidecar({ names, genesisTimeSeconds, ...(status && { statusIntervalMs: 100 }) }),
  )
  const { peerId, listenAddresses } = await sidecar.waitForNetwork(({ phase }) => phase === 'running')
  const address = multiaddr(listenAddresses.find((each) => each.includes('quic')))
  await honest.libp2p.dial(address)
  await honest.untilMeshed([peerId ?? ''])
  const attack = async () => {
    for (const peer of hostile) {
      await peer.libp2p.dial(address)
      await peer.untilMeshed([peerId ?? ''])
      await commit?.(peer, peerId ?? '')
    }
  }
  const { mebibytes, cpuSeconds } = await costOf(deed, sidecar, attack)
  if (process.env['SHOW_MEASURED'] !== undefined)
    console.log(`${deed.what}: ${mebibytes.toFixed(0)} MiB, ${cpuSeconds.toFixed(2)} s`)
  expect(mebibytes).toBeLessThan(LIMIT.mebibytes)
  expect(cpuSeconds).toBeLessThan(LIMIT.cpuSeconds)

  const accepted = acceptedOf(await sidecar.metrics())
  await honest.publish(compressSync(devnetBlock(slotNow())))
  const after = await sidecar.waitForMetrics((text) => acceptedOf(text) === accepted + 1)
  expect(meshOf(await sidecar.network(), BLOCK)).toContain(honest.id)
  expect(sumOf(after, /^leanmesh_(swarm_restarts_total|swarm_warnings_total|clock_suspect)/)).toBe(0)
  expect((await sidecar.network()).heads).toEqual([])
})
