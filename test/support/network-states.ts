import type { NetworkSource, NetworkState } from '../../src/mesh/network-state.ts'
import type { PeerHead } from '../../src/mesh/peer-head.ts'
import type { CompanionFacts, Snapshot } from '../../src/mesh/snapshot.ts'

export const BLOCK = '/leanconsensus/12345678/block/ssz_snappy'
export const AGGREGATION = '/leanconsensus/12345678/aggregation/ssz_snappy'

export function snapshotOf(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    takenAtMs: 0,
    peerId: 'observer',
    listenAddresses: [],
    topics: [],
    connectedPeers: [],
    agents: [],
    targets: [],
    messages: { lastAcceptedAtMs: {}, clock: { state: 'untimed' } },
    topicSupply: [],
    meshedSinceMs: [],
    foreignForks: { peers: 0, digests: [] },
    heads: [],
    totals: [],
    usage: { cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 },
    ...overrides,
  }
}

/** A companion that is connected, and no more, unless told otherwise. */
export function companionOf(peerId: string, overrides: Partial<CompanionFacts> = {}): CompanionFacts {
  return { peerId, isConnected: true, topics: [], backedOffTopics: [], forkDigests: [], ...overrides }
}

/** What a peer told at moment 0. Roots are filled up to 32 bytes. */
export function headOf(peerId: string, overrides: Partial<PeerHead> = {}): PeerHead {
  const { headRoot = 'c4', finalizedRoot = 'f1', ...rest } = overrides
  const root = (text: string) => text.padEnd(64, '0')
  return {
    peerId,
    headSlot: 20,
    headRoot: root(headRoot),
    finalizedSlot: 10,
    finalizedRoot: root(finalizedRoot),
    atMs: 0,
    ...rest,
  }
}

/** A network that never ran, unless told otherwise. */
export function networkState(overrides: Partial<NetworkState> = {}): NetworkState {
  return {
    networkId: '0',
    phase: 'stopped',
    topics: [BLOCK, AGGREGATION],
    seenPeers: new Set(),
    totals: [],
    cpuSeconds: 0,
    warnings: 0,
    restarts: { exit: 0, killed: 0, hung: 0, memory: 0, start_failed: 0 },
    droppedCommands: { full: 0, closed: 0, uninitialized: 0 },
    ...overrides,
  }
}

/** A running network with these peers in the mesh of the block topic. */
export function runningNetwork(blockMesh: string[], overrides: Partial<NetworkState> = {}): NetworkState {
  const snapshot = snapshotOf({
    topics: [{ topic: BLOCK, mesh: blockMesh, subscribers: blockMesh.length }],
    connectedPeers: blockMesh,
  })
  return networkState({ phase: 'running', snapshot, ...overrides })
}

/** A source whose state a test sets, and whose refresh it may replace. */
export interface FakeNetwork extends NetworkSource {
  current: NetworkState
  refreshes: number
  onRefresh: (signal: AbortSignal) => Promise<void>
}

export function fakeNetwork(current: NetworkState): FakeNetwork {
  return {
    networkId: current.networkId,
    current,
    refreshes: 0,
    onRefresh: async () => {},
    async refresh(signal) {
      this.refreshes++
      await this.onRefresh(signal)
    },
    state() {
      return this.current
    },
  }
}
