import type { PeerIdString } from '../mesh/snapshot.ts'
import type { Totals } from './totals.ts'

export type Direction = 'inbound' | 'outbound'
export type ConnectFailure = 'timeout' | 'error'
export type DisconnectReason = 'timeout' | 'remote_close' | 'local_close' | 'error'

/** Counts peers that connect and disconnect, as the clients do: not each connection of one peer. */
export interface ConnectionEvents {
  onOpen(peer: PeerIdString, direction: Direction): void
  /** @returns whether it was the last connection of its peer: then the reason is to be told by `onDisconnect` */
  onClose(peer: PeerIdString): boolean
  onDisconnect(direction: Direction, reason: DisconnectReason): void
  onFailure(direction: Direction, result: ConnectFailure): void
}

export function createConnectionEvents(totals: Totals): ConnectionEvents {
  const open = new Map<PeerIdString, number>()
  const count = (direction: Direction, result: ConnectFailure | 'success') =>
    void totals.counter('lean_peer_connection_events_total', { direction, result }).value++
  return {
    onOpen(peer, direction) {
      const connections = open.get(peer) ?? 0
      open.set(peer, connections + 1)
      if (connections === 0) count(direction, 'success')
    },
    onClose(peer) {
      const left = (open.get(peer) ?? 0) - 1
      if (left > 0) open.set(peer, left)
      else open.delete(peer)
      return left === 0
    },
    onDisconnect: (direction, reason) =>
      void totals.counter('lean_peer_disconnection_events_total', { direction, reason }).value++,
    onFailure: count,
  }
}
