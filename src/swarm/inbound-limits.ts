import type { Connection, ConnectionGater, MultiaddrConnection, PeerId, Stream } from '@libp2p/interface'
import type { RefusedConnection, RefusedStream } from '../measure/refused.ts'
import { addressOwner } from '../mesh/address-owner.ts'

/** Sidecars are quiet peers; a network that is larger than this is not its business. Outbound ones are the targets'. */
export const MAX_INBOUND_CONNECTIONS = 300
/** A peer has one, two after both sides dialled, and more for the moment that it takes to notice that it was restarted. */
const MAX_PER_PEER = 4
/** A devnet may stand behind one address; half of the places stay for others. */
const MAX_PER_ADDRESS = 150
/** What the lean protocols need is below 20; a protocol that is not spoken here needs one for as long as it takes to say so. */
const MAX_STREAMS = 64

/** Told of what was refused, for the counters. */
export interface RefusalObserver {
  onRefusedConnection(reason: RefusedConnection): void
  onRefusedStream(reason: RefusedStream): void
}

function hostOf({ remoteAddr }: { remoteAddr: MultiaddrConnection['remoteAddr'] }): string {
  return addressOwner(remoteAddr.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value ?? '')
}

/**
 * Refuses inbound connections beyond the limits; libp2p itself knows none of a peer or an address. It is asked before the
 * handshake, and once more after it, when the peer is known and others may have been quicker.
 *
 * @param connections all that are open
 */
export function inboundGater(
  connections: () => Connection[],
  observer: Pick<RefusalObserver, 'onRefusedConnection'>,
): ConnectionGater {
  const refuse = (reason: RefusedConnection) => {
    observer.onRefusedConnection(reason)
    return true
  }
  const isRefused = (connection: MultiaddrConnection, peerId?: PeerId): boolean => {
    const inbound = connections().filter(({ direction }) => direction === 'inbound')
    if (inbound.length >= MAX_INBOUND_CONNECTIONS) return refuse('total')
    const host = hostOf(connection)
    if (inbound.filter((other) => hostOf(other) === host).length >= MAX_PER_ADDRESS) return refuse('address')
    if (peerId && inbound.filter(({ remotePeer }) => remotePeer.equals(peerId)).length >= MAX_PER_PEER)
      return refuse('peer')
    return false
  }
  return {
    denyInboundConnection: (connection) => isRefused(connection),
    denyInboundUpgradedConnection: (peerId, connection) => isRefused(connection, peerId),
  }
}

/**
 * Refuses streams of a connection beyond the limit, and tells of those that libp2p refuses because a protocol has too many:
 * it says so in its log alone, and yamux and QUIC have limits of their own that are far higher.
 *
 * @throws Error when the streams of this libp2p come from elsewhere: then this piece has to be looked at again
 */
export function limitStreams(connection: Connection, observer: RefusalObserver): void {
  const muxer: unknown = Reflect.get(connection, 'muxer')
  if (!(muxer instanceof EventTarget)) throw new Error('the streams of this libp2p come from elsewhere')
  muxer.addEventListener('stream', (event) => {
    const { detail: stream } = event as CustomEvent<Stream>
    const inbound = connection.streams.filter(({ direction }) => direction === 'inbound')
    if (inbound.length > MAX_STREAMS) {
      observer.onRefusedStream('connection')
      stream.abort(new Error('this connection has too many streams'))
      return
    }
    stream.addEventListener('close', ({ error }) => {
      if (error?.name === 'TooManyInboundProtocolStreamsError') observer.onRefusedStream('protocol')
    })
  })
}
