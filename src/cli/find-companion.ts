import type { Problem } from '../config/problem.ts'
import { parsePeer } from '../genesis/peers.ts'
import { NAME_PATTERN, type Names } from '../mesh/names.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'

type Refusal = Pick<Problem, 'wrong' | 'right'>

function byName(name: string, peers: readonly PeerTarget[], names: Names): PeerTarget | Refusal {
  const peerId = [...names].find(([, known]) => known === name)?.[0]
  if (peerId === undefined) {
    const known = [...names.values()].slice(0, 10).join(', ')
    const right = known === '' ? 'Put it there.' : `Use one of its names: ${known}.`
    return { wrong: `no peer of the names table is called "${name}"`, right }
  }
  const target = peers.find((peer) => peer.peerId === peerId)
  if (target !== undefined) return target
  return {
    wrong: `"${name}" is ${peerId}, and no peer has this id`,
    right: 'Add its multiaddr or ENR to peers, or set genesis.',
  }
}

/**
 * The peer that the setting `companion` means: a multiaddr, an ENR, or a name of the names table whose peer is listed.
 *
 * @throws LeanmeshError when it is a multiaddr or an ENR and wrong
 */
export function findCompanion(
  text: string,
  peers: readonly PeerTarget[],
  names: Names | undefined,
): PeerTarget | Refusal {
  if (!NAME_PATTERN.test(text)) {
    const right =
      'Use /ip4/<address>/udp/<port>/quic-v1/p2p/<peer id>, enr:-…, or a name of the names table such as zeam_0.'
    return parsePeer(text) ?? { wrong: 'it is neither a multiaddr nor an ENR nor a name', right }
  }
  if (names !== undefined) return byName(text, peers, names)
  const right = 'Set names, or give the multiaddr or ENR of the client.'
  return { wrong: `there is no names table to find "${text}" in`, right }
}
