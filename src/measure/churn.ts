import type { PeerIdString } from '../mesh/snapshot.ts'
import type { Totals } from './totals.ts'

type GraftReason = 'by_peer' | 'by_us'

/** Before a prune is counted, in milliseconds: a peer that prunes us may be about to say that it leaves. */
const SETTLE_MS = 300

/** Gossipsub as it is at this moment. */
export interface ChurnView {
  meshPeers(topic: string): readonly PeerIdString[]
  isLinked(peer: PeerIdString): boolean
  isSubscribed(peer: PeerIdString, topic: string): boolean
  nowMs(): number
}

/** Counts who enters and leaves the meshes of the configured topics, and why. */
export interface Churn {
  /** Such an event is a reason to look, and the direction a reason to count: whether anything changed, the mesh says. */
  onEvent(topic: string, peer: PeerIdString, by: GraftReason): void
  /** The link to the peer is gone, and with it its place in every mesh. */
  onGone(peer: PeerIdString): void
  /** Compares every mesh with what was known of it. */
  compare(): void
  /** Since when each mesh peer has been in the mesh of any topic without a break. */
  meshedSinceMs(): [PeerIdString, number][]
}

interface Leaver {
  topic: string
  peer: PeerIdString
  /** Undefined when no PRUNE was seen. */
  by: GraftReason | undefined
  atMs: number
}

export function createChurn(topics: readonly string[], totals: Totals, view: ChurnView): Churn {
  const known = new Map(topics.map((topic) => [topic, new Set<PeerIdString>()]))
  const leavers = createLeavers(totals, view)
  const stays = createStays(view)

  function enter(topic: string, peer: PeerIdString, by: GraftReason): void {
    leavers.settle(topic, peer)
    known.get(topic)?.add(peer)
    stays.enter(peer)
    totals.counter('leanmesh_mesh_grafts_total', { topic, reason: by }).value++
  }

  function leave(topic: string, peer: PeerIdString, by: GraftReason | undefined): void {
    known.get(topic)?.delete(peer)
    stays.leave(peer)
    leavers.add({ topic, peer, by, atMs: view.nowMs() })
  }

  return {
    onEvent(topic, peer, by) {
      const wasMeshed = known.get(topic)?.has(peer)
      const isMeshed = view.meshPeers(topic).includes(peer)
      if (isMeshed && wasMeshed === false) enter(topic, peer, by)
      if (!isMeshed && wasMeshed === true) leave(topic, peer, by)
    },
    onGone(peer) {
      for (const [topic, peers] of known) {
        if (peers.has(peer)) leave(topic, peer, undefined)
        leavers.settle(topic, peer)
      }
    },
    compare() {
      for (const [topic, before] of known) {
        const now = new Set(view.meshPeers(topic))
        for (const peer of before) if (!now.has(peer)) leave(topic, peer, undefined)
        for (const peer of now) if (!before.has(peer)) enter(topic, peer, 'by_us')
      }
      leavers.settleOld()
    },
    meshedSinceMs: () => stays.read(),
  }
}

/** Those whose reason is not settled yet. */
function createLeavers(totals: Totals, view: ChurnView) {
  const pending = new Map<string, Leaver>()
  const keyOf = (topic: string, peer: PeerIdString) => `${peer} ${topic}`
  const reasonOf = ({ topic, peer, by }: Leaver): string => {
    if (!view.isLinked(peer)) return 'disconnected'
    if (!view.isSubscribed(peer, topic)) return 'unsubscribed'
    return by ?? 'by_us'
  }
  const settle = (topic: string, peer: PeerIdString) => {
    const leaver = pending.get(keyOf(topic, peer))
    if (!leaver) return
    pending.delete(keyOf(topic, peer))
    totals.counter('leanmesh_mesh_prunes_total', { topic, reason: reasonOf(leaver) }).value++
  }
  return {
    add: (leaver: Leaver) => void pending.set(keyOf(leaver.topic, leaver.peer), leaver),
    settle,
    settleOld() {
      const before = view.nowMs() - SETTLE_MS
      for (const { topic, peer, atMs } of pending.values()) if (atMs <= before) settle(topic, peer)
    },
  }
}

/** How long peers have been in any mesh. */
function createStays(view: ChurnView) {
  const stays = new Map<PeerIdString, { meshes: number; sinceMs: number }>()
  return {
    enter(peer: PeerIdString) {
      const stay = stays.get(peer) ?? { meshes: 0, sinceMs: view.nowMs() }
      stays.set(peer, stay)
      stay.meshes += 1
    },
    leave(peer: PeerIdString) {
      const stay = stays.get(peer)
      if (!stay) return
      stay.meshes -= 1
      if (stay.meshes === 0) stays.delete(peer)
    },
    read: (): [PeerIdString, number][] => Array.from(stays, ([peer, { sinceMs }]) => [peer, sinceMs]),
  }
}
