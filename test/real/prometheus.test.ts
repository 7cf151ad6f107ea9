/** What an operator sees in a real Prometheus. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { toolPath } from '../../tools/tool-path.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, startRunningSidecar } from '../support/running-sidecar.ts'
import { swarmPid } from '../support/swarm-pid.ts'
import { replaceFile, temporaryFolder } from '../support/temporary-folder.ts'
import { UNLINTABLE_METRICS } from '../support/unlintable-metrics.ts'

const MESH = 'sum by (job, instance) (lean_gossip_mesh_peers)'
const WAIT_MS = 15_000

describe('a Prometheus that scrapes the sidecar', () => {
  test('sees it up, sums its mesh, and sees a departed name read 0 and a removed one end', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'names.json')
    await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS })
    await using go = await startRealPeer('go', { topics: LEAN_TOPICS })
    const table = new Map([
      [rust.peerId, 'ream_0'],
      [go.peerId, 'gean_0'],
    ])
    await replaceFile(file, Object.fromEntries(table))
    const dial = [...rust.addresses, ...go.addresses]
    await using sidecar = await startRunningSidecar({ dial, names: table, namesFile: file })
    await using prometheus = await startPrometheus({ scrapeUrl: `${sidecar.url}metrics`, job: 'leanmesh' })

    await prometheus.waitForQuery('up{job="leanmesh"}', (rows) => rows[0]?.value === 1, WAIT_MS)
    const [sum] = await prometheus.waitForQuery(MESH, (rows) => rows[0]?.value === 2, WAIT_MS)
    expect(Object.keys(sum?.metric ?? {}).sort()).toEqual(['instance', 'job'])

    await go.stop()
    await prometheus.waitForQuery('lean_gossip_mesh_peers{client="gean_0"}', (rows) => rows[0]?.value === 0, WAIT_MS)
    await replaceFile(file, { [rust.peerId]: 'ream_0' })
    await prometheus.waitForQuery('lean_gossip_mesh_peers{client="gean_0"}', (rows) => rows.length === 0, WAIT_MS)
    expect(await prometheus.query('lean_gossip_mesh_peers{client="ream_0"}')).toMatchObject([{ value: 1 }])
  })

  test('sees a killed swarm as not running and then running, and no counter go back', async () => {
    await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS })
    await using sidecar = await startRunningSidecar({ dial: rust.addresses })
    await using prometheus = await startPrometheus({ scrapeUrl: `${sidecar.url}metrics`, job: 'leanmesh' })
    const running = 'lean_gossip_mesh_running{network_id="0"}'
    await prometheus.waitForQuery(MESH, (rows) => rows[0]?.value === 1, WAIT_MS)
    await prometheus.waitForQuery(running, (rows) => rows[0]?.value === 1, WAIT_MS)

    process.kill(await swarmPid(), 'SIGKILL')
    await prometheus.waitForQuery(running, (rows) => rows[0]?.value === 0, WAIT_MS)
    await prometheus.waitForQuery(running, (rows) => rows[0]?.value === 1, WAIT_MS)
    await prometheus.waitForQuery(MESH, (rows) => rows[0]?.value === 1, WAIT_MS)
    const restarts = 'leanmesh_swarm_restarts_total{reason="killed"}'
    await prometheus.waitForQuery(restarts, (rows) => rows[0]?.value === 1, WAIT_MS)
    // One by one: `resets` drops the names, and some counters have the same labels.
    const counters = await prometheus.query('group by (__name__) ({__name__=~"leanmesh_.*_total|process_cpu_.*"})')
    expect(counters.length).toBeGreaterThan(5)
    for (const { metric } of counters) {
      const [resets] = await prometheus.query(`sum(resets(${metric['__name__']}[5m]))`)
      expect([metric['__name__'], resets?.value]).toEqual([metric['__name__'], 0])
    }
  })
})

test('promtool warns of nothing in a live scrape, and in the whole catalogue only of names that others specify', async () => {
  await using sidecar = await startRunningSidecar({ names: new Map([['16Uiu2HAm', 'zeam_0']]) })
  await sidecar.waitForMetrics((text) => text.includes('lean_gossip_mesh_running{network_id="0"} 1'))
  expect(await warnedOf(await sidecar.metrics())).toEqual([])
  const golden = new URL('../golden/three-networks.txt', import.meta.url)
  expect(await warnedOf(await readFile(golden, 'utf8'))).toEqual(UNLINTABLE_METRICS)
})

/** The metrics that promtool warns of. */
async function warnedOf(exposition: string): Promise<string[]> {
  const child = promisify(execFile)(toolPath('promtool'), ['check', 'metrics'])
  child.child.stdin?.end(exposition)
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error)
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  return [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))]
}
