import type { Socket } from 'node:net'

/** Tells a connection from others. The same for it and for the TLS in it, which have no other link: their sockets differ. */
export function connectionKey({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
