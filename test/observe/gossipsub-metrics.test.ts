import { afterEach, describe, expect, it } from 'vitest'
import { exportedMetrics } from '../../src/gossipsub-metrics/exported-metrics.ts'
import { GOSSIPSUB_ROWS } from '../../src/gossipsub-metrics/table.ts'
import { gossipsubMetricsRegister } from '../../src/index.ts'
import { STACKS, type TestNode } from '../support/gossipsub-stacks.ts'
import { createHostApplication } from '../support/host-application.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const TOPICS = [[TOPIC, 'block']] as const
const RECEIVED = 'gossipsub_msg_received_prevalidation_total'

describe.each(STACKS)('gossipsubMetricsRegister with $name', ({ create }) => {
  let nodes: TestNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.map(async (node) => node.stop()))
    nodes = []
  })

  /** A node that is observed, meshed with another one. */
  async function meshed() {
    const host = createHostApplication()
    const metrics = gossipsubMetricsRegister(host.meter, { topics: TOPICS })
    const options = { metricsRegister: metrics, metricsTopicStrToLabel: metrics.topicStrToLabel }
    const [observed, other] = (nodes = await Promise.all([create(options), create()])) as [TestNode, TestNode]
    for (const node of nodes) node.pubsub.subscribe(TOPIC)
    await other.dial(observed)
    for (const node of nodes) {
      await expect.poll(() => node.pubsub.getMeshPeers?.(TOPIC).length, { timeout: 10_000, interval: 50 }).toBe(1)
    }
    return { host, metrics, observed, other }
  }

  it('reports what gossipsub counts, and its levels as they are at each collection', async () => {
    const { host, observed, other } = await meshed()
    expect(await host.values('gossipsub_mesh_peers')).toEqual({ 'topic=block': 1 })
    expect(await host.values(RECEIVED)).toEqual({ 'topic=block': 0, 'topic=other': 0 })
    await other.pubsub.publish(TOPIC, new Uint8Array(100))
    await expect
      .poll(async () => host.values(RECEIVED), { timeout: 5000, interval: 50 })
      .toEqual({ 'topic=block': 1, 'topic=other': 0 })
    await observed.pubsub.publish(TOPIC, new Uint8Array(101))
    const published = await host.values('gossipsub_msg_publish_seconds')
    expect(published['topic=block']).toMatchObject({
      count: 1,
      buckets: { boundaries: [0.001, 0.002, 0.005, 0.01, 0.1, 0.5, 1] },
    })
    expect(await host.values('gossipsub_msg_publish_bytes_total')).toMatchObject({ 'topic=block': 101 })
  })

  it('knows every metric and every label of it', async () => {
    const { host, other } = await meshed()
    await other.pubsub.publish(TOPIC, new Uint8Array(100))
    const refused = await host.values('leanmesh_gossipsub_refused_total')
    expect(Object.values(refused)).toEqual([0, 0, 0, 0, 0])
  })

  it('observes nothing after stop, however often that is called', async () => {
    const { host, metrics, other } = await meshed()
    const before = await host.values('gossipsub_rpc_recv_count_total')
    metrics.stop()
    metrics.stop()
    await other.pubsub.publish(TOPIC, new Uint8Array(100))
    expect(await host.values('gossipsub_rpc_recv_count_total')).toEqual(before)
  })
})

describe('gossipsubMetricsRegister', () => {
  it('gives each metric of the table its kind: counters that only go up, gauges, histograms', async () => {
    const host = createHostApplication()
    const register = gossipsubMetricsRegister(host.meter, { topics: TOPICS })
    // As gossipsub does, most at a reading: with labels first where there are any.
    const tellAll = () => {
      for (const { upstream: name, kind, buckets = [], labels } of GOSSIPSUB_ROWS) {
        const series = Object.entries(labels).map(([key, values]) => [
          key,
          typeof values === 'object' ? values[0] : TOPIC,
        ])
        const told = (value: unknown) => (series.length === 0 ? [value] : [Object.fromEntries(series), value])
        const config = { name, help: '', buckets: [...buckets] }
        if (kind === 'counter') Reflect.apply(register.gauge(config).inc, undefined, told(1))
        if (kind === 'gauge') Reflect.apply(register.gauge(config).set, undefined, told(1))
        if (kind === 'histogram') Reflect.apply(register.histogram(config).observe, undefined, told(1))
        if (kind === 'avg_min_max') Reflect.apply(register.avgMinMax(config).set, undefined, told([1]))
      }
    }
    register.gauge({ name: 'gossipsub_mcache_size', help: '' }).addCollect(tellAll)
    const expected = GOSSIPSUB_ROWS.flatMap(exportedMetrics).map(({ name, kind }) => [name, kind] as const)
    const { leanmesh_gossipsub_refused_total, ...kinds } = await host.kinds()
    expect(kinds).toEqual(Object.fromEntries(expected))
    expect(leanmesh_gossipsub_refused_total).toBe('counter')
  })

  it('leaves a topic that is not subscribed any more at 0 in a reader that keeps series for ever', async () => {
    const host = createHostApplication()
    const { gauge } = gossipsubMetricsRegister(host.meter, { topics: TOPICS })
    const mesh = gauge<Record<'topicStr', string>>({ name: 'gossipsub_mesh_peer_count', help: '' })
    let peers = 3
    mesh.addCollect(() => peers > 0 && mesh.set({ topicStr: TOPIC }, peers))
    expect(await host.values('gossipsub_mesh_peers')).toEqual({ 'topic=block': 3 })
    peers = 0
    expect(await host.values('gossipsub_mesh_peers')).toEqual({ 'topic=block': 0 })
    expect(await host.values('gossipsub_mesh_peers')).toEqual({ 'topic=block': 0 })
  })

  it('puts the attributes of one gossipsub on all of its series', async () => {
    const host = createHostApplication()
    for (const node of ['a', 'b']) {
      const { gauge, histogram } = gossipsubMetricsRegister(host.meter, { attributes: { node } })
      gauge({ name: 'gossipsub_mcache_size', help: '' }).set(node === 'a' ? 1 : 2)
      histogram({ name: 'gossipsub_heartbeat_duration_seconds', help: '', buckets: [1] }).observe(0.5)
    }
    expect(await host.values('gossipsub_mcache_size')).toEqual({ 'node=a': 1, 'node=b': 2 })
    expect(Object.keys(await host.values('gossipsub_heartbeat_duration_seconds'))).toEqual(['node=a', 'node=b'])
  })
})
