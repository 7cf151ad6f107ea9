/**
 * The gauge on a libp2p node that you already run: no sidecar, no leanmesh process. Two nodes mesh over loopback, and one
 * of them is observed; its metrics are served on a free port until Ctrl-C. Run it with `npx node examples/embed.ts`: npx
 * takes the Node that `npm ci` brought.
 */
import { createServer } from 'node:http'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { createLibp2p } from 'libp2p'
// In a project of your own: from 'leanmesh'
import { observeMesh } from '../src/index.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'

async function startNode() {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub() },
  })
  node.services.pubsub.subscribe(TOPIC)
  return node
}

// What you have already: a node with gossipsub, and OpenTelemetry metrics with a reader of your choice.
const [node, peer] = await Promise.all([startNode(), startNode()])
await node.dial(peer.getMultiaddrs())
const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true })
const provider = new MeterProvider({ readers: [exporter] })

// What leanmesh adds.
const observation = observeMesh({
  pubsub: node.services.pubsub,
  libp2p: node,
  meter: provider.getMeter('my-application'),
  names: new Map([[peer.peerId.toString(), 'example_0']]),
})

const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/metrics`)
})

async function stop(): Promise<void> {
  observation.stop()
  server.close()
  await provider.shutdown()
  await Promise.all([node.stop(), peer.stop()])
}
process.once('SIGINT', () => void stop())
process.once('SIGTERM', () => void stop())
