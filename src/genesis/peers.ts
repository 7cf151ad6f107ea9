import { LeanmeshError, quoted } from '../errors.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { enrPeer } from './enr.ts'
import { isLikeMultiaddr, MULTIADDR_EXAMPLE, multiaddrPeer } from './multiaddr-peer.ts'
import { readNodes } from './nodes-file.ts'

/** The peer that a multiaddr or an ENR describes; undefined where the text means to be neither. */
export function parsePeer(text: string): PeerTarget | undefined {
  if (text.startsWith('enr:')) return enrPeer(text)
  return isLikeMultiaddr(text) ? multiaddrPeer(text) : undefined
}

/** `192.0.2.1:9001` and `enode://…` mean an address: whoever wrote them is not helped by the absence of a file. */
function withoutSuchFile(text: string, error: unknown): unknown {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  if (!text.includes(':') || (code !== 'ENOENT' && code !== 'ENAMETOOLONG')) return error
  const wrong = 'is neither a multiaddr nor an ENR, nor is there such a file'
  return new LeanmeshError('ERR_PEER_INVALID', `${quoted(text)} ${wrong}; write it as ${MULTIADDR_EXAMPLE}`)
}

/**
 * The peers that one item of the setting `peers` means: a multiaddr, an ENR, or the path of a `nodes.yaml`.
 *
 * @throws LeanmeshError that says what is wrong with it
 */
export async function readPeers(text: string): Promise<PeerTarget[]> {
  const peer = parsePeer(text)
  if (peer !== undefined) return [peer]
  try {
    return await readNodes(text)
  } catch (error) {
    throw withoutSuchFile(text, error)
  }
}

/** One target a peer, with every address that was given for it. */
export function mergePeers(peers: Iterable<PeerTarget>): PeerTarget[] {
  const merged = new Map<string, Set<string>>()
  for (const { peerId, addresses } of peers) {
    merged.set(peerId, new Set([...(merged.get(peerId) ?? []), ...addresses]))
  }
  return [...merged].map(([peerId, addresses]) => ({ peerId, addresses: [...addresses] }))
}
