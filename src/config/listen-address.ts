import { multiaddr } from '@multiformats/multiaddr'
import * as z from 'zod'

/** What a multiaddr to listen on comes down to. */
export interface ListenAddress {
  family: 'ip4' | 'ip6'
  host: string
  transport: 'udp' | 'tcp'
  port: number
}

const ANY_HOST = new Set(['0.0.0.0', '::'])

/** Reads `/ip4/…/udp/…/quic-v1` or `/ip4/…/tcp/…`, also with ip6; otherwise the end of the sentence `"<address>" …`. */
export function parseListenAddress(text: string): ListenAddress | string {
  let components: { name: string; value?: string }[]
  try {
    components = multiaddr(text).getComponents()
  } catch {
    return 'is not a multiaddr'
  }
  const [ip, transport, ...rest] = components
  if (ip?.value === undefined || (ip.name !== 'ip4' && ip.name !== 'ip6')) return 'does not begin with /ip4/ or /ip6/'
  if (rest.some(({ name }) => name === 'p2p')) return 'ends in a peer id, which an address to listen on has not'
  if (transport?.value === undefined || (transport.name !== 'udp' && transport.name !== 'tcp')) {
    return 'has neither /udp/ nor /tcp/ after the address'
  }
  const suffix = rest.map(({ name }) => name).join('/')
  if (transport.name === 'udp' && suffix !== 'quic-v1') return 'has /udp/ without /quic-v1 at its end'
  if (transport.name === 'tcp' && suffix !== '') return `goes on with /${suffix} after the TCP port`
  return { family: ip.name, host: ip.value, transport: transport.name, port: Number(transport.value) }
}

/** Whether two addresses cannot be listened on by one machine at once. Port 0 is any free port and never clashes. */
export function isListenClash(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port === 0 || a.port !== b.port || a.transport !== b.transport || a.family !== b.family) return false
  return a.host === b.host || ANY_HOST.has(a.host) || ANY_HOST.has(b.host)
}

export function listenAddress() {
  return z.string().superRefine((text, context) => {
    const parsed = parseListenAddress(text)
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed })
  })
}
