/** The public leanMetrics dashboard, asked of a real Prometheus that scrapes the sidecar as deploy/ has it scraped. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPrometheus, type Prometheus } from '../support/prometheus.ts'
import { startRunningSidecar, type RunningSidecar } from '../support/running-sidecar.ts'

interface DashboardQuery {
  kind: string
  title?: string
  name?: string
  query?: string
  expr?: string
  metrics: string[]
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const { queries } = JSON.parse(read('../fixtures/lean-metrics/dashboard-queries.json')) as { queries: DashboardQuery[] }
const PANELS = queries.filter((query) => query.kind === 'panel')
const TARGET = { network: 'devnet', job: 'ethlambda-leanmesh' }
/** Fork choice is the client's own affair; the subnet needs a companion, which a devnet has not. */
const WITHOUT_ANSWER = ['lean_gossip_signatures', 'lean_attestation_committee_subnet']
const WAIT_MS = 20_000

let sidecar: RunningSidecar
let prometheus: Prometheus
beforeAll(async () => {
  sidecar = await startRunningSidecar({ devnet: 3, hasLeanNodeInfo: true, attestationCommittees: 1 })
  prometheus = await startPrometheus({
    scrapeUrl: `${sidecar.url}metrics`,
    job: TARGET.job,
    labels: { network: TARGET.network },
    honorLabels: true,
  })
  await prometheus.waitForQuery('sum(increase(lean_gossip_block_size_bytes_count[1m])) > 0', hasRows, WAIT_MS)
}, 60_000)
afterAll(async () => {
  await prometheus[Symbol.asyncDispose]()
  await sidecar[Symbol.asyncDispose]()
})

const hasRows = (rows: readonly unknown[]) => rows.length > 0

/** What Grafana would ask, with one network, job and instance chosen. */
function filled(expression: string): string {
  const values = { network: TARGET.network, job: TARGET.job, instance: '.+', __rate_interval: '1m' }
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), expression)
}

describe('the public dashboard', () => {
  test.each(['lean_node_info'])('offers the job and instance that %s has', async (metric) => {
    const [row] = await prometheus.waitForQuery(metric, hasRows, WAIT_MS)
    expect(row?.metric).toMatchObject({ ...TARGET, name: 'leanmesh' })
    const { regex } = queries.find((query) => query.name === 'job') as unknown as { regex: string }
    expect(TARGET.job).toMatch(new RegExp(`^(?:${regex})$`))
  })

  test.each(PANELS.filter(({ metrics }) => metrics.every((metric) => !WITHOUT_ANSWER.includes(metric))))(
    'has an answer for "$title"',
    async ({ expr = '' }) => {
      await prometheus.waitForQuery(filled(expr), hasRows, WAIT_MS)
    },
  )

  test.each(PANELS.filter(({ metrics }) => metrics.some((metric) => WITHOUT_ANSWER.includes(metric))))(
    'has no answer for "$title", and no error either',
    async ({ expr = '' }) => {
      expect(await prometheus.query(filled(expr))).toEqual([])
    },
  )

  test('counts the connected peers and those in the mesh alike', async () => {
    for (const title of ['Connected peers per node', 'Gossip mesh peers per node']) {
      const { expr = '' } = PANELS.find((panel) => panel.title === title) ?? {}
      expect(await prometheus.query(filled(expr))).toMatchObject([{ value: 3 }])
    }
  })
})
