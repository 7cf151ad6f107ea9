import type { Names } from '../mesh/names.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import { finalizedRoots, namedHeads } from '../mesh/peer-head.ts'
import { sample, type Sample } from './sample.ts'

/** The part of the table that heads are told of: only its names become series. */
export function headNames(states: readonly NetworkState[], names: Names | undefined): Names {
  const peers = new Set(states.flatMap(({ snapshot }) => snapshot?.heads ?? []).map(({ peerId }) => peerId))
  return new Map([...(names ?? [])].filter(([peer]) => peers.has(peer)))
}

/** What the named peers of each network say of their chains: nothing of a peer that says nothing, or has left. */
export function headSamples(states: readonly NetworkState[], names: Names | undefined, nowMs: number): Sample[] {
  return states.flatMap(({ networkId: network_id, snapshot }) => {
    const heads = namedHeads(snapshot?.heads ?? [], names)
    const roots = finalizedRoots(heads.map(({ head }) => head))
    return [
      ...heads.flatMap(({ client, head: { headSlot, finalizedSlot, atMs } }) => [
        sample('leanmesh_peer_head_slot', { network_id, client }, headSlot),
        sample('leanmesh_peer_finalized_slot', { network_id, client }, finalizedSlot),
        sample('leanmesh_peer_status_age_seconds', { network_id, client }, Math.max(0, nowMs - atMs) / 1000),
      ]),
      ...(roots === undefined ? [] : [sample('leanmesh_finalized_roots', { network_id }, roots)]),
    ]
  })
}
