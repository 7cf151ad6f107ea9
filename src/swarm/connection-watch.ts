import type { Connection, Libp2p } from '@libp2p/interface'
import { createConnectionEvents, type ConnectFailure } from '../measure/connection-events.ts'
import type { Totals } from '../measure/totals.ts'
import { isTimeout, watchClose } from './mend-close-reason.ts'

export interface ConnectionWatch {
  /** Before the node starts. */
  attach(libp2p: Libp2p): void
  /** The redialer could not connect. */
  onDialFailure(error: unknown): void
  onInboundFailure(result: ConnectFailure): void
}

/** Counts the connections of a node, with why they end. */
export function createConnectionWatch(totals: Totals): ConnectionWatch {
  const events = createConnectionEvents(totals)

  function onOpen(connection: Connection): void {
    // It may have closed before it was announced: then it never tells.
    if (connection.status !== 'open') return
    const { remotePeer, direction } = connection
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
    attach: (libp2p) => libp2p.addEventListener('connection:open', ({ detail }) => onOpen(detail)),
    onDialFailure: (error) => events.onFailure('outbound', isTimeout(error) ? 'timeout' : 'error'),
    onInboundFailure: (result) => events.onFailure('inbound', result),
  }
}
