/** The configurations of docs/scale.md for more than one Prometheus, run as they are written there. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ruleGroups } from '../support/monitoring.ts'
import { startPrometheus, type Prometheus } from '../support/prometheus.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

interface Documented {
  relabel_configs?: Record<string, unknown>[]
  scrape_configs?: { static_configs: object[] }[]
  remote_write?: { url: string; write_relabel_configs: object[] }[]
}

const text = readFileSync(join(import.meta.dirname, '../../docs/scale.md'), 'utf8')
const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => parse(block) as Documented)

/** The block of docs/scale.md that has this key. */
function documented<Key extends keyof Documented>(key: Key): NonNullable<Documented[Key]> {
  const value = blocks.find((block) => block[key] !== undefined)?.[key]
  if (value === undefined) throw new Error(`docs/scale.md has no ${key}`)
  return value
}

const NETWORKS = Array.from({ length: 12 }, (_, index) => `devnet-${index}`)

async function networksOf(prometheus: Prometheus): Promise<string[]> {
  const rows = await prometheus.query('network:leanmesh_sidecars:count')
  return rows.map(({ metric }) => metric['network'] ?? '').sort()
}

test('three that share the networks out have each network whole once; one above them and one they write to have all', async () => {
  await using folder = await temporaryFolder()
  const rules = join(folder.path, 'rules.yaml')
  await writeFile(rules, stringify(ruleGroups()))
  await using sidecar = await startRunningSidecar()
  await using store = await startPrometheus({ flags: ['--web.enable-remote-write-receiver'] })
  // Two sidecars a network.
  const static_configs = NETWORKS.flatMap((network) =>
    ['a', 'b'].map((pod) => ({
      targets: [new URL(sidecar.url).host],
      labels: { network, instance: `${network}/${pod}` },
    })),
  )
  await using stack = new AsyncDisposableStack()
  const shards: Prometheus[] = []
  for (const shard of ['0', '1', '2']) {
    const relabel_configs = documented('relabel_configs').map((step) =>
      step['action'] === 'keep' ? { ...step, regex: shard } : step,
    )
    const [write] = documented('remote_write')
    const extraConfig = {
      rule_files: [rules],
      scrape_configs: [{ job_name: 'leanmesh', relabel_configs, static_configs }],
      remote_write: [{ ...write, url: `${store.url}/api/v1/write` }],
    }
    shards.push(stack.use(await startPrometheus({ extraConfig, scrapeIntervalMs: 500 })))
  }
  const targets = shards.map(({ url }) => new URL(url).host)
  const [fleet] = documented('scrape_configs')
  const above = { scrape_configs: [{ ...fleet, static_configs: [{ targets }] }] }
  await using fleetPrometheus = await startPrometheus({ extraConfig: above })

  const isWhole = (rows: { value: number }[]) =>
    rows.length === NETWORKS.length && rows.every(({ value }) => value === 2)
  await fleetPrometheus.waitForQuery('network:leanmesh_sidecars:count', isWhole)
  await store.waitForQuery('network:leanmesh_sidecars:count', isWhole)
  const shared = await Promise.all(shards.map(networksOf))
  expect(shared.every((networks) => networks.length > 0)).toBe(true)
  expect(shared.flat().sort()).toEqual([...NETWORKS].sort())
  expect(await fleetPrometheus.query('lean_gossip_mesh_running')).toEqual([])
  expect(await store.query('count(lean_gossip_mesh_running)')).toMatchObject([{ value: 24 }])
  expect(await store.query('leanmesh_connected_peers')).toEqual([])
})

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'leanmesh-shards-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
