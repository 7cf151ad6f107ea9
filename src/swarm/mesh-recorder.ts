import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import type { TopicMesh } from '../mesh/snapshot.ts'

/** The part of gossipsub that is read. */
export interface MeshView {
  getMeshPeers(topic: string): string[]
  getSubscribers(topic: string): { toString(): string }[]
}

export interface MeshRecorderDeps {
  mesh: MeshView
  /** Events are only a signal: their payload is never looked at. */
  gossip: Pick<GossipSub, 'addEventListener' | 'removeEventListener'>
  connections: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>
}

export interface MeshRecorder {
  start(): void
  stop(): void
  /** The meshes as gossipsub holds them at this moment. */
  read(): TopicMesh[]
}

/** No message is among them: the mesh does not change because one arrived. */
const GOSSIP_EVENTS = ['gossipsub:graft', 'gossipsub:prune', 'subscription-change'] as const
const CONNECTION_EVENTS = ['peer:disconnect', 'connection:close'] as const

/** Churn must not turn into a flood of snapshots. */
const MIN_INTERVAL_MS = 50

/**
 * Says when the mesh may have changed. Events are a reason to read gossipsub again and never the number itself: a GRAFT
 * fires even when it is refused, and no PRUNE fires for a peer that leaves.
 *
 * @param onChange called soon after such an event, at most every 50 ms
 */
export function createMeshRecorder(
  topics: readonly string[],
  deps: MeshRecorderDeps,
  onChange: () => void,
): MeshRecorder {
  let pending: NodeJS.Timeout | undefined
  let notifiedAt = -Infinity
  const notify = () => {
    // Never at once: gossipsub dispatches some events before it changes its tables.
    pending ??= setTimeout(
      () => {
        pending = undefined
        notifiedAt = performance.now()
        onChange()
      },
      Math.max(0, notifiedAt + MIN_INTERVAL_MS - performance.now()),
    )
  }
  return {
    start() {
      for (const type of GOSSIP_EVENTS) deps.gossip.addEventListener(type, notify)
      for (const type of CONNECTION_EVENTS) deps.connections.addEventListener(type, notify)
    },
    stop() {
      for (const type of GOSSIP_EVENTS) deps.gossip.removeEventListener(type, notify)
      for (const type of CONNECTION_EVENTS) deps.connections.removeEventListener(type, notify)
      clearTimeout(pending)
      pending = undefined
    },
    read: () =>
      topics.map((topic) => ({
        topic,
        mesh: deps.mesh.getMeshPeers(topic),
        subscribers: deps.mesh.getSubscribers(topic).length,
      })),
  }
}
