/** The mesh around an observer: as many neighbours as a mesh may have, one of which publishes. */
import { setTimeout as delay } from 'node:timers/promises'
import { type RealPeer, startRealPeer } from '../../test/support/real-peer.ts'
import { cpuSecondsOf } from './process-figures.ts'
import { LISTEN, type Transport } from './sidecar-options.ts'
import { median } from './statistics.ts'

/** D_high of the network. */
const NEIGHBOURS = 12
/** So many know the publisher themselves. They say what comes without the observer, and send it copies. */
const DIRECT = 3
/** How long what is still under way may take after a flood, and how long nothing must have come to call it over. */
const DRAIN_DEADLINE_MS = 60_000
const DRAINED_AFTER_MS = 1500

export interface Load {
  bytes: number
  perSecond: number
  seconds: number
}

/** The largest that is on a lean network, as often as there are slots. */
export const BLOCK = { name: '1 MB each 4 s', bytes: 1_000_000, perSecond: 1 / 4 }

export interface Passed {
  sent: number
  /** What the publisher brought about of the rate that it was told, in messages a second. */
  perSecond: number
  /** Of those who know only the observer: what they should have got, and did not. */
  lost: number
  expected: number
  /** Copies for each message: that the observer was sent, and that reached others. */
  copiesIn: number
  copiesOut: number
  /** What the way over the observer took longer than the direct one, in milliseconds: of half of those who know only the observer. */
  addedP50Ms: number
  addedP99Ms: number
  /** The 99th percentile of the one that waited longest. */
  addedWorstMs: number
  /** CPU of all neighbours: what the observer had to share the machine with. */
  loadCpuSeconds: number
}

export interface Neighbourhood extends AsyncDisposable {
  addresses: readonly string[]
  /** Resolves when all are in the observer's mesh. */
  meshed(): Promise<void>
  flood(load: Load): Promise<Passed>
}

interface Counts {
  received: number
  copies: number
  sent: number
}

export async function startNeighbourhood(transport: Transport, topic: string): Promise<Neighbourhood> {
  const options = { listen: [LISTEN[transport]], topics: [topic], quietMessages: true }
  const publisher = await startRealPeer('go', options)
  const peers = [publisher]
  for (let index = 1; index < NEIGHBOURS; index++) {
    peers.push(await startRealPeer('go', index <= DIRECT ? { ...options, dial: publisher.addresses } : options))
  }
  const others = peers.slice(1)
  const meshSize = (at: number) => (at === 0 ? DIRECT + 1 : at <= DIRECT ? 2 : 1)
  return {
    addresses: peers.flatMap((peer) => peer.addresses),
    async meshed() {
      const waits = peers.map((peer, at) => peer.waitForState(({ mesh }) => mesh[topic]?.length === meshSize(at)))
      await Promise.all(waits)
    },
    flood: (load) => flood(publisher, others, { topic, ...load }),
    async [Symbol.asyncDispose]() {
      await Promise.all(peers.map((peer) => peer.stop()))
    },
  }
}

async function flood(
  publisher: RealPeer,
  others: readonly RealPeer[],
  load: Load & { topic: string },
): Promise<Passed> {
  const cpu = () => [publisher, ...others].reduce((sum, { process }) => sum + cpuSecondsOf(process.pid ?? 0), 0)
  // What is still under way of an earlier flood is not this one's.
  const before = await drained(others, () => false)
  const cpuBefore = cpu()
  await Promise.all(others.map((peer) => peer.delays()))
  const startedAt = performance.now()
  const { sent } = await publisher.flood(load)
  const seconds = (performance.now() - startedAt) / 1000
  const after = await drained(others, (at, { received }) => received - (before[at]?.received ?? 0) >= sent)
  const delays = await Promise.all(others.map((peer) => peer.delays()))
  const since = (key: keyof Counts, from = 0) =>
    after.slice(from).reduce((sum, counts, at) => sum + counts[key] - (before[at + from]?.[key] ?? 0), 0)
  const expected = sent * (others.length - DIRECT)
  const direct = (key: 'p50Ms' | 'p99Ms') => median(delays.slice(0, DIRECT).map((delay) => delay[key]))
  const far = delays.slice(DIRECT)
  return {
    sent,
    perSecond: sent / seconds,
    expected,
    lost: expected - since('received', DIRECT),
    copiesIn: since('sent') / sent,
    copiesOut: since('copies') / sent,
    addedP50Ms: median(far.map(({ p50Ms }) => p50Ms)) - direct('p50Ms'),
    addedP99Ms: median(far.map(({ p99Ms }) => p99Ms)) - direct('p99Ms'),
    addedWorstMs: Math.max(...far.map(({ p99Ms }) => p99Ms)) - direct('p99Ms'),
    loadCpuSeconds: cpu() - cpuBefore,
  }
}

async function countsOf(peers: readonly RealPeer[]): Promise<Counts[]> {
  const stats = await Promise.all(peers.map((peer) => peer.stats()))
  return stats.map(({ received, copies = 0, sent = 0 }) => ({ received, copies, sent }))
}

/** Waits until all have everything, or nothing more comes. */
async function drained(peers: readonly RealPeer[], isAll: (at: number, counts: Counts) => boolean): Promise<Counts[]> {
  const startedAt = performance.now()
  let [total, lastAt] = [-1, startedAt]
  for (;;) {
    const counts = await countsOf(peers)
    const received = counts.reduce((sum, { received }) => sum + received, 0)
    if (received > total) [total, lastAt] = [received, performance.now()]
    const now = performance.now()
    const isOver = now - lastAt > DRAINED_AFTER_MS || now - startedAt > DRAIN_DEADLINE_MS
    if (isOver || counts.every((one, at) => isAll(at, one))) return counts
    await delay(100)
  }
}
