import { expect, it } from 'vitest'
import { exportedMetrics } from '../../src/gossipsub-metrics/exported-metrics.ts'
import { GOSSIPSUB_ROWS } from '../../src/gossipsub-metrics/table.ts'
import { parseExposition } from '../support/exposition.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { BLOCK, fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'

const gossipsub = {
  totals: [
    { metric: 'gossipsub_msg_forward_count_total', labels: { topic: 'block' }, value: 42 },
    { metric: 'gossipsub_rpc_recv_bytes_total', labels: {}, value: 123_456 },
    { metric: 'gossipsub_heartbeat_duration_seconds', labels: {}, value: { counts: [9, 1, 0, 0], sum: 0.0625 } },
  ],
  levels: [
    { metric: 'gossipsub_mesh_peers', labels: { topic: 'block' }, value: 2 },
    { metric: 'gossipsub_cache_size', labels: { cache: 'seenCache' }, value: 17 },
    { metric: 'gossipsub_score_min', labels: {}, value: -1.5 },
    { metric: 'gossipsub_score_weights_max', labels: { p: 'p5' }, value: 0 },
  ],
}
const running = runningNetwork(['a', 'b'], { topics: [BLOCK], gossipsub })
const stopped = networkState({ networkId: '1', topics: [] })

/** The lines of gossipsub's metrics. */
async function linesOf(hasGossipsub: boolean): Promise<string> {
  const { scrape } = setUpMetrics([fakeNetwork(running), fakeNetwork(stopped)], { hasGossipsub })
  const lines = (await scrape()).split('\n').filter((line) => /^(# \w+ )?(leanmesh_)?gossipsub_/.test(line))
  return lines.map((line) => `${line}\n`).join('')
}

it('gossipsub’s metrics of a network that runs and of one that does not are the golden file', async () => {
  const lines = await linesOf(true)
  await expect(lines).toMatchFileSnapshot('gossipsub.txt')
  const families = parseExposition(lines)
  const known = new Map(GOSSIPSUB_ROWS.flatMap(exportedMetrics).map(({ name, kind }) => [name, kind]))
  for (const { name, type } of families) expect([name, type]).toEqual([name, known.get(name) ?? 'counter'])
})

it('there are none of them where they are not asked for', async () => {
  expect(await linesOf(false)).toBe('')
})
