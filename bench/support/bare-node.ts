/** A libp2p node with nothing but a transport, for what libp2p costs by itself. */
import { noise } from '@chainsafe/libp2p-noise'
import { quic } from '@chainsafe/libp2p-quic'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { LISTEN, type Transport } from './sidecar-options.ts'

export const SINK_PROTOCOL = '/leanmesh-bench/sink/1'

export async function startBareNode(transport: Transport): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: [LISTEN[transport]] },
    transports: [transport === 'quic' ? quic() : tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
}
