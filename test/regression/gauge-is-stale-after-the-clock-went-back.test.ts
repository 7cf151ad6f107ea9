/**
 * The SDK's last-value aggregation keeps whichever observation is later by the wall clock. A clock that is set back (time
 * synchronisation, a resumed machine) makes it export the old value of every gauge.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { fakeNetwork, runningNetwork } from '../support/network-states.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_750_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

it('the first scrape after the wall clock went back shows the mesh as it is', async () => {
  const network = fakeNetwork(runningNetwork(['a', 'b']))
  const { scrape } = setUpMetrics([network])
  expect(await scrape()).toContain('lean_gossip_mesh_peers 2\n')
  network.current = runningNetwork(['a'])
  vi.setSystemTime(1_749_999_000_000)
  expect(await scrape()).toContain('lean_gossip_mesh_peers 1\n')
})

it('a wall clock that goes back during the collection does not bring the old value either', async () => {
  const network = fakeNetwork(runningNetwork(['a', 'b']))
  const { scrape } = setUpMetrics([network])
  expect(await scrape()).toContain('lean_gossip_mesh_peers 2\n')
  vi.advanceTimersByTime(15_000)
  network.onRefresh = async () => {
    network.current = runningNetwork(['a'])
    vi.setSystemTime(1_749_999_000_000)
  }
  expect(await scrape()).toContain('lean_gossip_mesh_peers 1\n')
})
