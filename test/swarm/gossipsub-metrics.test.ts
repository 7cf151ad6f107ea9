import { multiaddr } from '@multiformats/multiaddr'
import { compressSync } from 'snappy'
import { expect, it, vi } from 'vitest'
import { createGossipsubRegister } from '../../src/gossipsub-metrics/register.ts'
import { GOSSIPSUB_ROWS } from '../../src/gossipsub-metrics/table.ts'
import type { GossipsubState } from '../../src/mesh/gossipsub-state.ts'
import { networkState, BLOCK } from '../support/network-states.ts'
import { gossipsubSamples } from '../../src/metrics/gossipsub.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { createNode } from '../../src/swarm/node.ts'
import { startPlainPeer } from '../support/plain-peer.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const MADE_UP_TOPICS = 10_000

const stateOf = (swarm: TestSwarm): GossipsubState => swarm.swarm.snapshot().gossipsub ?? { totals: [], levels: [] }

/** The value of one series; 0 for what nothing was told of. */
function value(swarm: TestSwarm, metric: string, labels: Record<string, string> = {}): unknown {
  const { totals, levels } = stateOf(swarm)
  const found = [...totals, ...levels].find(
    (each) => each.metric === metric && JSON.stringify(each.labels) === JSON.stringify(labels),
  )
  return found?.value ?? 0
}

async function meshedWithPlainPeer() {
  const swarm = await startTestSwarm({ gossipsubMetrics: true })
  const peer = await startPlainPeer()
  const [address] = swarm.target('tcp').addresses
  await peer.libp2p.dial(multiaddr(`${address}/p2p/${swarm.id}`))
  await swarm.until('meshed', meshIs(peer.id))
  await peer.untilMeshed([swarm.id])
  return {
    swarm,
    peer,
    async [Symbol.asyncDispose]() {
      await Promise.all([swarm[Symbol.asyncDispose](), peer[Symbol.asyncDispose]()])
    },
  }
}

it('a swarm counts what gossipsub does, by the short names of its topics', async () => {
  await using nodes = await meshedWithPlainPeer()
  const { swarm, peer } = nodes
  expect(value(swarm, 'gossipsub_mesh_peers', { topic: 'block' })).toBe(1)
  const inclusions = stateOf(swarm).totals.filter(({ metric }) => /_inclusion_events_/.test(metric))
  expect(inclusions.reduce((sum, { value }) => sum + Number(value), 0)).toBe(1)
  await peer.publish(compressSync('a block'))
  await vi.waitFor(() => expect(value(swarm, 'gossipsub_msg_received_prevalidation_total', { topic: 'block' })).toBe(1))
  await vi.waitFor(() => expect(value(swarm, 'gossipsub_msg_forward_count_total', { topic: 'block' })).toBe(1))
  expect(value(swarm, 'gossipsub_peers_per_protocol', { protocol: '/meshsub/1.2.0' })).toBe(1)
  await peer.libp2p.stop()
  await swarm.until('alone', meshIs())
  expect(value(swarm, 'gossipsub_peers_per_protocol', { protocol: '/meshsub/1.2.0' })).toBe(0)
  expect(value(swarm, 'gossipsub_peer_churn_events_disconnected_total', { topic: 'block' })).toBe(1)
})

it('what a swarm tells is what the metrics plane takes, all of it', async () => {
  await using nodes = await meshedWithPlainPeer()
  const rejected: string[] = []
  const gossipsub = stateOf(nodes.swarm)
  gossipsubSamples([networkState({ topics: [BLOCK], gossipsub })], (reason) => rejected.push(reason))
  expect(gossipsub.totals.length + gossipsub.levels.length).toBeGreaterThan(50)
  expect(rejected).toEqual([])
  expect(value(nodes.swarm, 'leanmesh_gossipsub_refused_total', { reason: 'unknown_label' })).toBe(0)
})

it('a swarm says which protocols it offers, not which gossipsub would', async () => {
  await using swarm = await startTestSwarm({ gossipsubMetrics: true })
  const offered = ['/floodsub/1.0.0', '/meshsub/1.0.0', '/meshsub/1.1.0', '/meshsub/1.2.0'].map((protocol) =>
    value(swarm, 'gossipsub_protocol', { protocol }),
  )
  expect(offered).toEqual([0, 0, 1, 1])
})

it(`a peer that subscribes to ${MADE_UP_TOPICS} topics adds no series, and costs a reading less than 50 ms`, async () => {
  await using nodes = await meshedWithPlainPeer()
  const { swarm, peer } = nodes
  await vi.waitFor(() => expect(value(swarm, 'gossipsub_rpc_recv_graft_total')).toBe(1))
  const seriesOf = ({ totals, levels }: GossipsubState) =>
    [...totals, ...levels].map(({ metric, labels }) => JSON.stringify([metric, labels])).sort()
  const before = new Set(seriesOf(stateOf(swarm)))
  for (let index = 0; index < MADE_UP_TOPICS; index++) peer.subscribe(`/made-up/${index}`)
  await vi.waitFor(
    () => expect(value(swarm, 'gossipsub_rpc_recv_subscription_total')).toBeGreaterThan(MADE_UP_TOPICS),
    { timeout: 15_000, interval: 100 },
  )
  const state = stateOf(swarm)
  const added = seriesOf(state).filter((series) => !before.has(series))
  expect(added.filter((series) => series.includes('made-up'))).toEqual([])
  expect(added.length).toBeLessThan(10)
  const times = Array.from({ length: 9 }, () => {
    const startedAt = performance.now()
    stateOf(swarm)
    return performance.now() - startedAt
  })
  expect(times.sort((a, b) => a - b)[4]).toBeLessThan(50)
})

it('a swarm that is not asked for them has gossipsub make none', async () => {
  await using swarm = await startTestSwarm()
  expect(swarm.swarm.snapshot()).not.toHaveProperty('gossipsub')
  expect(createGossip({ maxMessageBytes: 1024 }, () => undefined).options).not.toHaveProperty('metricsRegister')
})

it('the bounds in the table are those that gossipsub has with the options of a swarm', async () => {
  const register = createGossipsubRegister({ topics: [] })
  const bounds = new Map<string, number[]>()
  const { histogram } = register.metricsRegister
  const spied: typeof histogram = (config) => {
    bounds.set(config.name, [...new Set(config.buckets)])
    return histogram(config)
  }
  const metricsRegister = { ...register.metricsRegister, histogram: spied }
  const ignore = () => undefined
  const gossip = createGossip({ maxMessageBytes: 1024, register: { ...register, metricsRegister } }, ignore)
  await createNode({ ...swarmOptions(), agent: 'test' }, await swarmKey(undefined), gossip.options, SILENT_OBSERVER)
  const histograms = GOSSIPSUB_ROWS.filter(({ kind }) => kind === 'histogram')
  expect(Object.fromEntries(bounds)).toEqual(
    Object.fromEntries(histograms.map(({ upstream, buckets }) => [upstream, buckets])),
  )
})
