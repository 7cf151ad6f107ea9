import type { Connection, Libp2p } from '@libp2p/interface'
import { createConnectionEvents, type ConnectFailure } from '../measure/connection-events.ts'
import type { Totals } from '../measure/totals.ts'
import { limitStreams, type RefusalObserver } from './inbound-limits.ts'
import { isTimeout, watchClose } from './mend-close-reason.ts'

export interface ConnectionWatch extends RefusalObserver {
  /** Before the node starts. */
  attach(libp2p: Libp2p): void
  /** The redialer could not connect. */
  onDialFailure(error: unknown): void
  onInboundFailure(result: ConnectFailure): void
}

/** Counts the connections of a node, with why they end. */
export function createConnectionWatch(totals: Totals): ConnectionWatch {
  const events = createConnectionEvents(totals)
  const refusals: RefusalObserver = {
    onRefusedConnection: (reason) =>
      void totals.counter('leanmesh_inbound_connections_refused_total', { reason }).value++,
    onRefusedStream: (reason) => void totals.counter('leanmesh_inbound_streams_refused_total', { reason }).value++,
  }

  function onOpen(connection: Connection): void {
    // It may have closed before it was announced: then it never tells.
    if (connection.status !== 'open') return
    const { remotePeer, direction } = connection
    limitStreams(connection, refusals)
    events.onOpen(remotePeer.toString(), direction)
    const closeReason = watchClose(connection)
    connection.addEventListener('close', () => {
      if (events.onClose(remotePeer.toString())) {
        // That it ended is sure, whatever becomes of the question why.
        const told = closeReason().catch(() => 'error' as const)
        void told.then((reason) => events.onDisconnect(direction, reason))
      }
    })
  }

  return {
    ...refusals,
    attach: (libp2p) => libp2p.addEventListener('connection:open', ({ detail }) => onOpen(detail)),
    onDialFailure: (error) => events.onFailure('outbound', isTimeout(error) ? 'timeout' : 'error'),
    onInboundFailure: (result) => events.onFailure('inbound', result),
  }
}
