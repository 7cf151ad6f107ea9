import type { Libp2p, PeerId } from '@libp2p/interface'
import { raceAbort } from '../lifecycle/deadline.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
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

export function isConnected(libp2p: Libp2p, peerId: string): boolean {
  return libp2p.getPeers().some((peer) => peer.toString() === peerId)
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
