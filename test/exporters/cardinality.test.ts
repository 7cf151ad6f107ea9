import { expect, it } from 'vitest'
import { MAX_NAMES_OVER_TIME } from '../../src/metrics/name-limit.ts'
import { parseExposition } from '../support/exposition.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { fakeNetwork, runningNetwork } from '../support/network-states.ts'

function clientsIn(body: string): (string | undefined)[] {
  const family = parseExposition(body).find(({ name }) => name === 'lean_gossip_mesh_peers')
  return family?.samples.map(({ labels }) => labels.get('client')) ?? []
}

/** A table of `size` names that begins at `first`. */
function table(first: number, size: number): Map<string, string> {
  return new Map(Array.from({ length: size }, (_, index) => [`peer-${first + index}`, `client_${first + index}`]))
}

it('5,000 different names over time never yield an overflow series, and each scrape has only the names of its table', async () => {
  let names = table(0, 500)
  const { scrape } = setUpMetrics([fakeNetwork(runningNetwork([]))], { names: () => names })
  for (let first = 0; first < 5000; first += 500) {
    names = table(first, 500)
    const body = await scrape()
    expect(body).not.toContain('overflow')
    expect(new Set(clientsIn(body))).toEqual(new Set([...names.values(), 'unknown']))
    expect(body).toContain('leanmesh_series_rejected_total{reason="limit"} 0\n')
  }
})

it('a table of 5,000 names is exported whole', async () => {
  const { scrape } = setUpMetrics([fakeNetwork(runningNetwork([]))], { names: () => table(0, 5000) })
  expect(clientsIn(await scrape())).toHaveLength(5001)
})

it('beyond the limit of names over time no peer is lost: those without a series count as unknown', async () => {
  const peers = MAX_NAMES_OVER_TIME + 100
  const names = table(0, peers)
  const { scrape } = setUpMetrics([fakeNetwork(runningNetwork([...names.keys()]))], { names: () => names })
  const body = await scrape()
  const family = parseExposition(body).find(({ name }) => name === 'lean_gossip_mesh_peers')
  expect(family?.samples).toHaveLength(MAX_NAMES_OVER_TIME + 1)
  expect(family?.samples.reduce((sum, { value }) => sum + value, 0)).toBe(peers)
  expect(body).toContain('leanmesh_series_rejected_total{reason="limit"} 100\n')
}, 20_000)
