import type { NetworkSource, NetworkState } from '../../src/mesh/network-state.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'

export const BLOCK = '/leanconsensus/12345678/block/ssz_snappy'
export const AGGREGATION = '/leanconsensus/12345678/aggregation/ssz_snappy'

export function snapshotOf(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    takenAtMs: 0,
    peerId: 'observer',
    listenAddresses: [],
    topics: [],
    connectedPeers: [],
    targets: [],
    messages: { lastAcceptedAtMs: {}, clock: { state: 'untimed' } },
    totals: [],
    usage: { cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 },
    ...overrides,
  }
}

/** A network that never ran, unless told otherwise. */
export function networkState(overrides: Partial<NetworkState> = {}): NetworkState {
  return {
    networkId: '0',
    phase: 'stopped',
    topics: [BLOCK, AGGREGATION],
    totals: [],
    cpuSeconds: 0,
    warnings: 0,
    restarts: { exit: 0, killed: 0, hung: 0, start_failed: 0 },
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
