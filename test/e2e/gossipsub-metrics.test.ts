import { expect, it } from 'vitest'
import '../support/compile-cache.ts'
import { parseExposition } from '../support/exposition.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'
import { swarmPid } from '../support/swarm-pid.ts'

/** Peers taken into the mesh of a topic so far, whatever the reason. */
function included(exposition: string, topic: string): number {
  const series = new RegExp(`^gossipsub_mesh_peer_inclusion_events_\\w+\\{.*topic="${topic}"\\} (\\d+)$`, 'gm')
  return [...exposition.matchAll(series)].reduce((sum, [, count]) => sum + Number(count), 0)
}

const FORWARDED = 'gossipsub_msg_forward_count_total{network_id="0",topic="block"}'

/** What never goes back: the counters, and the counts of histograms, by series. */
function totals(exposition: string): Map<string, number> {
  const families = parseExposition(exposition).filter(({ type }) => type === 'counter' || type === 'histogram')
  const samples = families.flatMap((family) => family.samples)
  return new Map(samples.map(({ name, labels, value }) => [JSON.stringify([name, ...labels]), value]))
}

it('gossipsub’s own metrics rise with a real network, and none goes back when the swarm is killed', async () => {
  await using sidecar = await startRunningSidecar({ devnet: 3, gossipsubMetrics: true })
  await sidecar.waitForNetwork(({ topics }) => topics.every(({ mesh }) => mesh.length === 3))
  // A block each 4 s.
  await sidecar.waitForMetrics((text) => new RegExp(`^${FORWARDED.replace(/[{}]/g, '\\$&')} [1-9]`, 'm').test(text))
  const before = await sidecar.metrics()
  for (const topic of ['block', 'aggregation', 'attestation_0']) {
    expect(included(before, topic)).toBeGreaterThanOrEqual(3)
    expect(before).toContain(`gossipsub_mesh_peers{network_id="0",topic="${topic}"} 3\n`)
  }

  process.kill(await swarmPid(), 'SIGKILL')
  const stopped = await sidecar.waitForMetrics((text) => text.includes('lean_gossip_mesh_running{network_id="0"} 0'))
  expect(included(stopped, 'block')).toBeGreaterThanOrEqual(included(before, 'block'))
  expect(stopped).not.toContain('gossipsub_mesh_peers{')
  await sidecar.waitForNetwork(({ topics }) => topics.every(({ mesh }) => mesh.length === 3))
  const after = await sidecar.metrics()
  expect(after).toContain('gossipsub_mesh_peers{network_id="0",topic="block"} 3\n')
  const now = totals(after)
  for (const [series, value] of totals(before)) expect(now.get(series), series).toBeGreaterThanOrEqual(value)
  expect(included(after, 'block')).toBeGreaterThanOrEqual(included(before, 'block') + 3)

  const left = /^(leanmesh_gossipsub_refused_total|leanmesh_series_rejected_total)\{.*\} [^0]/m
  expect(after).not.toMatch(left)
}, 40_000)
