import type { Libp2p } from '@libp2p/interface'
import { printableAscii } from '../mesh/printable.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'

const MAX_AGENT_LENGTH = 64

export interface Agents {
  attach(libp2p: Pick<Libp2p, 'addEventListener'>): void
  /** Of these peers, those that have said what they run; the others are forgotten. */
  read(connectedPeers: readonly PeerIdString[]): [peerId: PeerIdString, agent: string][]
}

/** What peers say that they run, as identify brings it: nobody checks it. */
export function createAgents(): Agents {
  const agents = new Map<PeerIdString, string>()
  return {
    attach: (libp2p) =>
      libp2p.addEventListener('peer:identify', ({ detail: { peerId, agentVersion } }) => {
        if (agentVersion === undefined || agentVersion === '') return
        agents.set(peerId.toString(), printableAscii(agentVersion, MAX_AGENT_LENGTH))
      }),
    read(connectedPeers) {
      const connected = new Set(connectedPeers)
      for (const peerId of agents.keys()) if (!connected.has(peerId)) agents.delete(peerId)
      return [...agents]
    },
  }
}
