import type { PeerTarget } from '../mesh/peer-target.ts'
import { enrPeer } from './enr.ts'
import { isLikeMultiaddr, multiaddrPeer } from './multiaddr-peer.ts'
import { readNodes } from './nodes-file.ts'

/** The peer that a multiaddr or an ENR describes; undefined where the text means to be neither. */
export function parsePeer(text: string): PeerTarget | undefined {
  if (text.startsWith('enr:')) return enrPeer(text)
  return isLikeMultiaddr(text) ? multiaddrPeer(text) : undefined
}

/**
 * The peers that one item of the setting `peers` means: a multiaddr, an ENR, or the path of a `nodes.yaml`.
 *
 * @throws LeanmeshError that says what is wrong with it
 */
export async function readPeers(text: string): Promise<PeerTarget[]> {
  const peer = parsePeer(text)
  return peer === undefined ? readNodes(text) : [peer]
}

/** One target a peer, with every address that was given for it. */
export function mergePeers(peers: Iterable<PeerTarget>): PeerTarget[] {
  const merged = new Map<string, Set<string>>()
  for (const { peerId, addresses } of peers) {
    merged.set(peerId, new Set([...(merged.get(peerId) ?? []), ...addresses]))
  }
  return [...merged].map(([peerId, addresses]) => ({ peerId, addresses: [...addresses] }))
}
