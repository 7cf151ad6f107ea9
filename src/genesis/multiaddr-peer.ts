import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Component } from '@multiformats/multiaddr'
import { errorText, LeanmeshError, quoted } from '../errors.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])
export const MULTIADDR_EXAMPLE = '/ip4/192.0.2.1/udp/9001/quic-v1/p2p/<peer id>'

/** Whether a text means to be a multiaddr, and not the path of a file: `/ip4/…`, `/dns4/…`. */
export function isLikeMultiaddr(text: string): boolean {
  return HOSTS.has(text.split('/')[1] ?? '') && text.startsWith('/')
}

/** The canonical text of a peer id, or undefined where it is none. */
export function canonicalPeerId(text: string): string | undefined {
  if (text.length > 128) return undefined
  try {
    return peerIdFromString(text).toString()
  } catch {
    return undefined
  }
}

function refuse(text: string, wrong: string, cause?: unknown): never {
  throw new LeanmeshError('ERR_MULTIADDR_INVALID', `${quoted(text)} ${wrong}`, { cause })
}

function components(text: string): Component[] {
  try {
    return multiaddr(text).getComponents()
  } catch (cause) {
    return refuse(text, `is not a multiaddr (${errorText(cause, 80)}); write it as ${MULTIADDR_EXAMPLE}`, cause)
  }
}

/**
 * The peer of a multiaddr such as `/ip4/…/udp/…/quic-v1/p2p/…` or `/dns4/…/tcp/…/p2p/…`.
 *
 * @throws LeanmeshError `ERR_MULTIADDR_INVALID`
 */
export function multiaddrPeer(text: string): PeerTarget {
  const parts = components(text)
  const [host, transport, ...rest] = parts
  const suffix = rest.map(({ name }) => name).join('/')
  if (host === undefined || !HOSTS.has(host.name))
    return refuse(text, `does not begin with an address; write it as ${MULTIADDR_EXAMPLE}`)
  if (transport?.name !== 'udp' && transport?.name !== 'tcp')
    return refuse(text, `has neither /udp/ nor /tcp/ after the host; write it as ${MULTIADDR_EXAMPLE}`)
  if (transport.value === '0')
    return refuse(text, 'has port 0, which cannot be dialled; give the port that the peer listens on')
  if (transport.name === 'udp' && !suffix.startsWith('quic-v1'))
    return refuse(text, `has /udp/ without /quic-v1 after it; write it as ${MULTIADDR_EXAMPLE}`)
  const [last, ...more] = rest.slice(transport.name === 'udp' ? 1 : 0)
  if (last === undefined) {
    return refuse(
      text,
      'names no peer; add /p2p/<peer id> to its end, with the peer id that the client prints at its start (16Uiu2HA…)',
    )
  }
  if (last.name !== 'p2p' || more.length > 0)
    return refuse(
      text,
      `goes on with /${last.name} where /p2p/<peer id> should end it; write it as ${MULTIADDR_EXAMPLE}`,
    )
  const peerId = canonicalPeerId(last.value ?? '')
  if (peerId === undefined)
    return refuse(text, 'ends in something that is not a peer id; a peer id looks like 16Uiu2HA…')
  return { peerId, addresses: [text.slice(0, text.lastIndexOf('/p2p/'))] }
}
