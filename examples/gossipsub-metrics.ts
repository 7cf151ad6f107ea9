/**
 * gossipsub's own metrics through OpenTelemetry, in an application of yours: no sidecar, no leanmesh process. Two nodes
 * gossip over loopback; the metrics of one are served on a free port until Ctrl-C. Run it with
 * `npx node examples/gossipsub-metrics.ts`: npx takes the Node that `npm ci` brought.
 */
import { createServer } from 'node:http'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub, type GossipsubOpts } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { createLibp2p } from 'libp2p'
// In a project of your own: from 'leanmesh'
import { gossipsubMetricsRegister } from '../src/index.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'

async function startNode(options: Partial<GossipsubOpts> = {}) {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, ...options }) },
  })
  node.services.pubsub.subscribe(TOPIC)
  return node
}

// What you have already: OpenTelemetry metrics with a reader of your choice.
const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true })
const provider = new MeterProvider({ readers: [exporter] })

// What leanmesh adds: a register for gossipsub, and which of its topics to tell apart.
const metrics = gossipsubMetricsRegister(provider.getMeter('my-application'), { topics: [[TOPIC, 'block']] })

const [node, peer] = await Promise.all([
  startNode({ metricsRegister: metrics, metricsTopicStrToLabel: metrics.topicStrToLabel }),
  startNode(),
])
await node.dial(peer.getMultiaddrs())
const publishing = setInterval(() => void peer.services.pubsub.publish(TOPIC, Buffer.from(String(Date.now()))), 500)

const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/metrics`)
})

async function stop(): Promise<void> {
  clearInterval(publishing)
  metrics.stop()
  server.close()
  await provider.shutdown()
  await Promise.all([node.stop(), peer.stop()])
}
process.once('SIGINT', () => void stop())
process.once('SIGTERM', () => void stop())
