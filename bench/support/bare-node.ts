/** A libp2p node with nothing but a transport, for what libp2p costs by itself, and what its transports cost as a swarm has them. */
import { noise } from '@chainsafe/libp2p-noise'
import { quic } from '@chainsafe/libp2p-quic'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { quickNoise } from '../../src/swarm/mend-noise.ts'
import { mendQuicReads } from '../../src/swarm/mend-quic-reads.ts'
import { interoperableYamux } from '../../src/swarm/mend-yamux.ts'
import { LISTEN, type Transport } from './sidecar-options.ts'

export const SINK_PROTOCOL = '/leanmesh-bench/sink/1'

/** @param isMended its transports are mended as a swarm's are; those of QUIC stay so, in the whole process */
export async function startBareNode(transport: Transport, isMended = false): Promise<Libp2p> {
  if (isMended) await mendQuicReads()
  return createLibp2p({
    addresses: { listen: [LISTEN[transport]] },
    transports: [transport === 'quic' ? quic() : tcp()],
    connectionEncrypters: [isMended ? quickNoise() : noise()],
    streamMuxers: [isMended ? interoperableYamux(() => undefined) : yamux()],
    connectionMonitor: { enabled: false },
  })
}
