/** The public leanMetrics dashboard, asked of a real Prometheus that scrapes the sidecar as deploy/ has it scraped. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIZE_BUCKETS } from '../../src/mesh/lean-buckets.ts'
import { startPrometheus, type Prometheus } from '../support/prometheus.ts'
import { startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, startRunningSidecar, type RunningSidecar } from '../support/running-sidecar.ts'

interface DashboardQuery {
  kind: string
  title?: string
  name?: string
  query?: string
  /** Of the values that are offered; null for all. */
  regex?: string | null
  expr?: string
  metrics: string[]
}

type Rows = Awaited<ReturnType<Prometheus['query']>>

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const { queries } = JSON.parse(read('../fixtures/lean-metrics/dashboard-queries.json')) as { queries: DashboardQuery[] }
const PANELS = queries.filter((query) => query.kind === 'panel')
const VARIABLES = queries.filter((query) => query.kind === 'variable')
const TARGET = { network: 'devnet', job: 'ethlambda-leanmesh' }
/** The devnet's, and the companion. */
const PEERS = 4
const WAIT_MS = 20_000

const stack = new AsyncDisposableStack()
let sidecar: RunningSidecar
let prometheus: Prometheus
beforeAll(async () => {
  const companion = stack.use(await startRealPeer('rust', { topics: LEAN_TOPICS, quietMessages: true }))
  sidecar = stack.use(
    await startRunningSidecar({
      devnet: PEERS - 1,
      dial: companion.addresses,
      companion: companion.peerId,
      hasLeanNodeInfo: true,
      attestationCommittees: 1,
    }),
  )
  prometheus = stack.use(
    await startPrometheus({
      scrapeUrl: `${sidecar.url}metrics`,
      job: TARGET.job,
      labels: { network: TARGET.network },
      honorLabels: true,
    }),
  )
  await prometheus.waitForQuery('lean_gossip_mesh_running', isOne(1), WAIT_MS)
  // Somebody comes and goes while Prometheus looks.
  const { listenAddresses } = await sidecar.waitForNetwork(({ meshPeers }) => meshPeers === PEERS)
  const visitor = stack.use(await startRealPeer('go'))
  await visitor.dial(listenAddresses.find((address) => address.includes('quic')) ?? '')
  await sidecar.waitForNetwork(({ connectedPeers }) => connectedPeers.length === PEERS + 1)
  await visitor.stop()
  await sidecar.waitForNetwork(({ connectedPeers }) => connectedPeers.length === PEERS)
}, 60_000)
afterAll(async () => stack.disposeAsync())

/** One row with such a value. NaN is within no bounds. */
const isOne =
  (least: number, most = least) =>
  (rows: Rows): boolean =>
    rows.length === 1 && rows.every(({ value }) => value >= least && value <= most)
/** A row for each client, which add up to this. */
const areByClient = (sum: number) => (rows: Rows) =>
  rows.length > 1 &&
  rows.every(({ metric }) => metric['client'] !== undefined) &&
  rows.reduce((total, { value }) => total + value, 0) === sum
const isSize = (bound = 0) => isOne(1, bound)

const EXPECTED: Readonly<Record<string, (rows: Rows) => boolean>> = {
  // Of a devnet all are small.
  'Bytes size of a gossip block message': isSize(SIZE_BUCKETS.block[0]),
  'Bytes size of a gossip attestation message': isSize(SIZE_BUCKETS.attestation.at(-1)),
  'Bytes size of a gossip aggregated attestation message': isSize(SIZE_BUCKETS.aggregation.at(-1)),
  'Connected peers per node': isOne(PEERS),
  'Connected peers per node (detailed)': areByClient(PEERS),
  'Gossip mesh peers per node': isOne(PEERS),
  'Gossip mesh peers per node (detailed)': areByClient(PEERS),
  'Number of attestation committees': isOne(1),
  'Attestation committee subnet': isOne(0),
  // Prometheus stretches what it saw to the whole range.
  'Peer connection events': isOne(1, Infinity),
  'Peer disconnection events': isOne(1, Infinity),
  'Start time': isOne(0),
  'Node info': isOne(1),
  'Latest start time': isOne(Date.now() - 60_000, Date.now() + 60_000),
  // Fork choice is the client's own affair.
  'Number of gossip signatures': (rows) => rows.length === 0,
}

/** What Grafana would ask, with one network, job and instance chosen. */
function filled(expression: string): string {
  const values = { network: TARGET.network, job: TARGET.job, instance: '.+', __rate_interval: '1m' }
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), expression)
}

/** Grafana's `label_values`, with a series or without, as an expression. */
function labelValues(query: string): string {
  const [, series = '', label = ''] = /^label_values\((?:(.*), )?(\w+)\)$/.exec(query) ?? []
  return `group by (${label}) (${series === '' ? `{${label}!=""}` : filled(series)})`
}

describe('the public dashboard', () => {
  test('has no query that nothing is expected of', () => {
    expect(VARIABLES.map(({ name }) => name)).toEqual(['network', 'job', 'instance'])
    expect(new Set(PANELS.map(({ title }) => title))).toEqual(new Set(Object.keys(EXPECTED)))
  })

  test.each(VARIABLES)('offers the $name of the sidecar', async ({ name = '', query = '', regex }) => {
    const [row] = await prometheus.waitForQuery(labelValues(query), isOne(1), WAIT_MS)
    const value = row?.metric[name] ?? ''
    expect(value).toBe({ ...TARGET, instance: new URL(sidecar.url).host }[name])
    expect(value).toMatch(new RegExp(`^(?:${regex ?? '.+'})$`))
  })

  test.each(PANELS)('has the right answer for "$title"', async ({ title = '', expr = '' }) => {
    await prometheus.waitForQuery(filled(expr), EXPECTED[title] ?? (() => false), WAIT_MS)
  })
})
