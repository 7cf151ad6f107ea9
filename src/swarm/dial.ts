import type { Libp2p, PeerId } from '@libp2p/interface'
import { raceAbort } from '../lifecycle/deadline.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import { resolveAddress } from './resolve-address.ts'

/** Name look-up and handshake together, in milliseconds. */
const DIAL_DEADLINE_MS = 15_000

/** Connects to a target: its names are looked up at each attempt. */
export async function dial(libp2p: Libp2p, target: PeerTarget, stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(DIAL_DEADLINE_MS)])
  const found = await Promise.allSettled(target.addresses.map((address) => resolveAddress(address, signal)))
  const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  const failed = found.find((result) => result.status === 'rejected')
  if (addresses.length === 0 && failed) throw failed.reason
  await libp2p.dial(
    addresses.map((address) => address.encapsulate(`/p2p/${target.peerId}`)),
    { signal },
  )
}

/**
 * The peers with a connection. libp2p's own `getPeers` makes each peer id anew from its text, which is a point of an
 * elliptic curve to work out.
 */
export function peersOf(libp2p: Pick<Libp2p, 'getConnections'>): Map<PeerIdString, PeerId> {
  return new Map(libp2p.getConnections().map(({ remotePeer }) => [remotePeer.toString(), remotePeer]))
}

export function isConnected(libp2p: Pick<Libp2p, 'getConnections'>, peerId: PeerIdString): boolean {
  return peersOf(libp2p).has(peerId)
}

/** Fulfils when the peer has no connection any more, or `signal` aborts. */
export async function disconnected(libp2p: Libp2p, peerId: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onDisconnect = ({ detail }: CustomEvent<PeerId>) => {
    if (detail.toString() === peerId) resolve()
  }
  libp2p.addEventListener('peer:disconnect', onDisconnect)
  if (!isConnected(libp2p, peerId)) resolve()
  await raceAbort(promise, signal).catch(() => undefined)
  libp2p.removeEventListener('peer:disconnect', onDisconnect)
}
