/**
 * https://github.com/open-telemetry/opentelemetry-js/issues/4096: an ObservableGauge's attribute set that is no longer
 * observed is exported for ever with its last value, when its reader is cumulative.
 */
import { expect, it } from 'vitest'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { BLOCK, fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'

it('a name that leaves the table ends at the next scrape, and a known name that leaves the mesh reads 0', async () => {
  let names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
  ])
  const network = fakeNetwork(runningNetwork(['a', 'b']))
  const { scrape } = setUpMetrics([network], { names: () => names })
  expect(await scrape()).toContain('lean_gossip_mesh_peers{client="zeam_0"} 1\n')

  network.current = runningNetwork(['b'])
  expect(await scrape()).toContain('lean_gossip_mesh_peers{client="zeam_0"} 0\n')

  names = new Map([['b', 'ream_0']])
  const body = await scrape()
  expect(body).not.toContain('zeam_0')
  expect(body).toContain('lean_gossip_mesh_peers{client="ream_0"} 1\n')
})

it('a topic of a network that stops ends at the next scrape', async () => {
  const network = fakeNetwork(runningNetwork(['a']))
  const { scrape } = setUpMetrics([network])
  const gauges = ['leanmesh_mesh_memberships', 'leanmesh_mesh_deficit', 'leanmesh_topic_subscribers']
  const before = await scrape()
  for (const gauge of gauges) expect(before).toContain(`${gauge}{network_id="0",topic="${BLOCK}"}`)
  network.current = networkState()
  const after = await scrape()
  for (const gauge of gauges) expect(after).not.toContain(`${gauge}{`)
})

it('the unlabelled series ends when a names table appears: never both, or a sum counts every peer twice', async () => {
  let names: Map<string, string> | undefined
  const { scrape } = setUpMetrics([fakeNetwork(runningNetwork(['a']))], { names: () => names })
  expect(await scrape()).toContain('lean_gossip_mesh_peers 1\n')
  names = new Map([['a', 'zeam_0']])
  expect(await scrape()).not.toContain('lean_gossip_mesh_peers 1\n')
})
