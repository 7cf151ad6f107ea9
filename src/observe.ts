import type { Meter, Observable } from '@opentelemetry/api'
import { LeanmeshError } from './errors.ts'
import { endingInZero } from './mesh/ending-in-zero.ts'
import type { Names } from './mesh/names.ts'
import type { TopicMesh } from './mesh/snapshot.ts'
import { metricRow, type MetricName } from './metrics/catalogue.ts'
import { membershipSamples, meshPeerSamples } from './metrics/mesh.ts'
import { sample, type Sample } from './metrics/sample.ts'

/** Gossipsub, as far as it is read. `getMeshPeers` is optional only because gossipsub's public type does not declare it. */
export interface MeshPubSub {
  getTopics(): string[]
  getMeshPeers?(topic: string): string[]
}

/** What `observeMesh` reads from, and where it reports to. */
export interface ObserveMeshOptions {
  pubsub: MeshPubSub
  libp2p: { getPeers(): readonly unknown[] }
  /** A meter of your own OpenTelemetry meter provider. */
  meter: Meter
  /** The topics to observe; a topic that is not subscribed reads 0. Default: those that `pubsub` is subscribed to. */
  topics?: readonly string[]
  /** Peer id to `<client>_<N>`. With it the mesh peers get a series a name; without it one series without a label. */
  names?: Names
  /** The label `network_id` of leanmesh's own metrics. Default `0`. */
  networkId?: string
}

export interface MeshObservation {
  /**
   * Ends the observation: nothing of it is called again. Idempotent. A reader of yours that is cumulative, the SDK's
   * default, goes on exporting the last values.
   */
  stop(): void
}

/**
 * Observes the gossipsub mesh of a libp2p node that you already run: `lean_gossip_mesh_peers`,
 * `leanmesh_mesh_memberships` and `leanmesh_connected_peers`, read at each collection of `meter` and at no other time.
 * A node that is not started, or stopped, reads 0.
 *
 * It reads what your gossipsub holds. A stock @libp2p/gossipsub 17.1 may hold a peer that has left: a GRAFT that was under way
 * when its sender disconnected puts it into the mesh, and nothing removes it. The sidecar's own gossipsub does not.
 *
 * @throws LeanmeshError `ERR_NO_MESH` when `pubsub` has no `getMeshPeers`, as other routers than gossipsub
 */
export function observeMesh(options: ObserveMeshOptions): MeshObservation {
  const { libp2p, meter, names, networkId = '0' } = options
  const readTopics = topicReader(options)
  const withEnds = endingInZero<Sample>()
  const stops = [
    observe(meter, 'lean_gossip_mesh_peers', () => meshPeerSamples([readTopics()], names)),
    observe(meter, 'leanmesh_connected_peers', () => [
      sample(
        'leanmesh_connected_peers',
        { network_id: networkId },
        readOr(0, () => libp2p.getPeers().length),
      ),
    ]),
    observe(meter, 'leanmesh_mesh_memberships', () => withEnds(membershipSamples(networkId, readTopics()))),
  ]
  return { stop: () => stops.forEach((stop) => stop()) }
}

/** Registers a gauge as its row in the catalogue describes it. */
function observe(meter: Meter, metric: MetricName, read: () => Sample[]): () => void {
  const gauge: Observable = meter.createObservableGauge(metric, { description: metricRow(metric)?.help ?? '' })
  const callback: Parameters<Observable['addCallback']>[0] = (result) => {
    for (const { labels, value } of read()) result.observe(value, labels)
  }
  gauge.addCallback(callback)
  return () => gauge.removeCallback(callback)
}

function topicReader({ pubsub, topics }: ObserveMeshOptions): () => TopicMesh[] {
  if (typeof pubsub.getMeshPeers !== 'function') {
    throw new LeanmeshError('ERR_NO_MESH', "The 'pubsub' given to observeMesh has no getMeshPeers: give it gossipsub.")
  }
  const getMeshPeers = pubsub.getMeshPeers.bind(pubsub)
  return () => {
    const observed = topics ?? readOr([], () => pubsub.getTopics())
    return observed.map((topic) => ({
      topic,
      mesh: readOr([], () => getMeshPeers(topic)),
      subscribers: 0,
    }))
  }
}

/** A node that is not running throws. It has no mesh then, and a collection of the host application must not fail for it. */
function readOr<T>(fallback: T, read: () => T): T {
  try {
    return read()
  } catch {
    return fallback
  }
}
