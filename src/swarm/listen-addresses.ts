import type { Libp2p } from '@libp2p/interface'

/** How long addresses are told as they were read, in milliseconds. An interface that gets another address tells nobody. */
const KEPT_MS = 10_000
/** What changes them; they are not told at each of them, but read again when they are told next. */
const CHANGES = ['transport:listening', 'transport:close', 'self:peer:update'] as const

/**
 * What a swarm listens on, as multiaddrs with its peer id. libp2p asks each socket for it and works each address out anew, which was a third
 * of a snapshot.
 *
 * @param now the monotonic clock, in milliseconds
 */
export function listenAddresses(
  libp2p: Pick<Libp2p, 'addEventListener' | 'getMultiaddrs'>,
  now: () => number,
): () => string[] {
  let addresses: string[] = []
  let readAt = Number.NEGATIVE_INFINITY
  for (const change of CHANGES) libp2p.addEventListener(change, () => void (readAt = Number.NEGATIVE_INFINITY))
  return () => {
    if (now() - readAt >= KEPT_MS) {
      addresses = libp2p.getMultiaddrs().map(String)
      readAt = now()
    }
    return [...addresses]
  }
}
