import type { ConnectFailure } from '../measure/connection-events.ts'
import type { RefusalObserver } from './inbound-limits.ts'

/** Handshakes that take longer are given up, in milliseconds. */
const INBOUND_DEADLINE_MS = 5000

/** Told of inbound connections that came to nothing. */
export interface UpgradeObserver extends Pick<RefusalObserver, 'onRefusedConnection'> {
  onInboundFailure(result: ConnectFailure): void
}

/** The part of libp2p's upgrader that is used: `MultiaddrConnection` in, nothing or an error out. */
interface InboundUpgrader {
  upgradeInbound(connection: unknown, options: { signal: AbortSignal }): Promise<void>
}

function isUpgrader(upgrader: unknown): upgrader is InboundUpgrader {
  return (
    typeof upgrader === 'object' && upgrader !== null && typeof Reflect.get(upgrader, 'upgradeInbound') === 'function'
  )
}

/**
 * libp2p 3.3 tells of inbound connections that fail only in its log, and wraps a timeout in an error of another name.
 * QUIC's handshakes fail in its native part, which tells nobody.
 *
 * @throws Error when this libp2p upgrades connections elsewhere: then this piece has to be looked at again
 */
export function mendInboundUpgrades(upgrader: unknown, observer: UpgradeObserver): void {
  if (!isUpgrader(upgrader)) throw new Error('this libp2p upgrades inbound connections in another way')
  const upgrade = upgrader.upgradeInbound.bind(upgrader)
  upgrader.upgradeInbound = async (connection, options) => {
    const deadline = AbortSignal.timeout(INBOUND_DEADLINE_MS)
    try {
      await upgrade(connection, { ...options, signal: AbortSignal.any([options.signal, deadline]) })
    } catch (error) {
      // A listener that closes is no failure of the peer.
      if (!options.signal.aborted) observer.onInboundFailure(deadline.aborted ? 'timeout' : 'error')
      if (error instanceof Error && error.name === 'ConnectionDeniedError') observer.onRefusedConnection('rate')
      throw error
    }
  }
}
