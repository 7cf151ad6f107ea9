import type { SwarmOptions } from '../../src/channel/messages.ts'
import type { PeerTarget } from '../../src/mesh/peer-target.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { swarmOptions } from './swarm-options.ts'

const NO_USAGE = { cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 }

export interface TestSwarm extends AsyncDisposable {
  swarm: Swarm
  id: string
  /** As a target that another one dials; of one transport, or of all. */
  target(transport?: 'quic' | 'tcp'): PeerTarget
  /** How many snapshots it pushed. */
  pushes(): number
  /** Waits for a pushed snapshot: a change of the mesh pushes one within 50 ms. */
  until(what: string, predicate: (snapshot: Snapshot) => boolean, timeoutMs?: number): Promise<Snapshot>
  mesh(): string[]
  counter(metric: string, labels: Record<string, string>): number
}

/** A swarm in this process. */
export async function startTestSwarm(overrides: Partial<SwarmOptions> = {}): Promise<TestSwarm> {
  const watchers = new Set<(snapshot: Snapshot) => void>()
  let pushes = 0
  const onSnapshot = (snapshot: Snapshot) => {
    pushes += 1
    for (const watcher of watchers) watcher(snapshot)
  }
  const options = swarmOptions(overrides)
  const swarm = new Swarm(options, { agent: 'leanmesh-test', usage: () => NO_USAGE, onSnapshot })
  await swarm.start()
  const { peerId, listenAddresses } = swarm.snapshot()
  return {
    swarm,
    id: peerId,
    target: (transport) => ({ peerId, addresses: targetAddresses(listenAddresses, transport) }),
    pushes: () => pushes,
    async until(what, predicate, timeoutMs = 5000) {
      const found = Promise.withResolvers<Snapshot>()
      const watcher = (snapshot: Snapshot) => {
        if (predicate(snapshot)) found.resolve(snapshot)
      }
      const timer = setTimeout(() => {
        const { topics, connectedPeers, targets } = swarm.snapshot()
        const last = JSON.stringify({ topics, connectedPeers, targets })
        found.reject(new Error(`not ${what} within ${timeoutMs} ms: ${last}`))
      }, timeoutMs)
      watchers.add(watcher)
      watcher(swarm.snapshot())
      return found.promise.finally(() => {
        clearTimeout(timer)
        watchers.delete(watcher)
      })
    },
    mesh: () => meshOf(swarm.snapshot()),
    counter: (metric, labels) => counterOf(swarm.snapshot(), metric, labels),
    [Symbol.asyncDispose]: () => swarm.stop(),
  }
}

function targetAddresses(listenAddresses: string[], transport?: 'quic' | 'tcp'): string[] {
  const addresses = listenAddresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
  return transport ? addresses.filter((address) => address.includes(transport)) : addresses
}

/** The mesh of the first topic, sorted. */
export function meshOf({ topics }: Snapshot): string[] {
  return topics[0]?.mesh.toSorted() ?? []
}

/** For `until`: the mesh of the first topic is these peers. */
export const meshIs =
  (...peerIds: string[]) =>
  (snapshot: Snapshot): boolean =>
    meshOf(snapshot).join() === peerIds.toSorted().join()

/** The sum of the series of a counter that have these labels. */
function counterOf(snapshot: Snapshot, metric: string, labels: Record<string, string>): number {
  const series = snapshot.totals.filter(
    (total) => total.metric === metric && Object.entries(labels).every(([key, value]) => total.labels[key] === value),
  )
  return series.reduce((sum, { value }) => sum + Number(value), 0)
}
