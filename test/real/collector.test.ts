/** otel-collector.yaml in the real collector, between a sidecar and a real Prometheus for each of its two exporters. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { pushesStored, startBackEnds, type BackEnds } from '../support/back-ends.ts'
import { COLLECTOR_FILE, startCollector, validateCollectorFiles } from '../support/collector.ts'
import { parseExposition } from '../support/exposition.ts'
import { freePort } from '../support/free-port.ts'
import type { Prometheus } from '../support/prometheus.ts'
import { startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, startRunningSidecar } from '../support/running-sidecar.ts'
import { replaceFile, temporaryFolder } from '../support/temporary-folder.ts'

const WAIT_MS = 20_000
const RUNNING = 'lean_gossip_mesh_running'
const PUSH_ONLY = { COLLECTOR_RECEIVERS: '[otlp]' }

async function forBoth(backEnds: BackEnds, work: (backEnd: Prometheus) => Promise<unknown>): Promise<void> {
  await Promise.all(backEnds.both.map(work))
}

test('the file is valid as it is', async ({ expect }) => {
  await expect(validateCollectorFiles([COLLECTOR_FILE])).resolves.toBeUndefined()
  await expect(validateCollectorFiles([COLLECTOR_FILE], { COLLECTOR_EXPORTERS: '[no_such]' })).rejects.toThrow(
    /no_such/,
  )
})

test.concurrent(
  'it answers health checks, and has the metrics of its own that the file says to watch',
  async ({ expect }) => {
    await using folder = await temporaryFolder()
    const overlay = join(folder.path, 'small-queue.json')
    await replaceFile(overlay, { exporters: { otlp_http: { sending_queue: { queue_size: 1 } } } })
    const [health, metrics, nobody] = [await freePort(), await freePort(), await freePort()]
    await using sidecar = await startRunningSidecar()
    const env = {
      COLLECTOR_RECEIVERS: '[prometheus]',
      COLLECTOR_TARGETS: `[${new URL(sidecar.url).host}]`,
      COLLECTOR_SCRAPE_INTERVAL: '1s',
      COLLECTOR_SCRAPE_TIMEOUT: '1s',
      COLLECTOR_EXPORTERS: '[otlp_http, prometheus_remote_write]',
      COLLECTOR_OTLP_BACKEND: `http://127.0.0.1:${nobody}`,
      COLLECTOR_REMOTE_WRITE: `${sidecar.url}not-found`,
      COLLECTOR_HEALTH: `127.0.0.1:${health}`,
      COLLECTOR_METRICS_PORT: `${metrics}`,
    }
    await using _collector = await startCollector({ env, overlays: [overlay] })
    expect((await fetch(`http://127.0.0.1:${health}/`)).status).toBe(200)
    const named = (await readFile(COLLECTOR_FILE, 'utf8')).match(/otelcol_\w+/g) ?? []
    expect(named).toHaveLength(5)
    const missing = async () => {
      const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()
      return named.filter((name) => !text.includes(`\n${name}{`))
    }
    await expect.poll(missing, { timeout: WAIT_MS }).toEqual([])
  },
)

test.concurrent(
  'a back end that is down for 60 s loses no pushed point, by either exporter',
  { timeout: 150_000 },
  async ({ expect }) => {
    await using backEnds = await startBackEnds()
    await using collector = await startCollector({ env: { ...backEnds.env, ...PUSH_ONLY } })
    await using sidecar = await startRunningSidecar({ otlpUrl: collector.otlpUrl, otlpIntervalMs: 1000 })
    await forBoth(backEnds, (each) => each.waitForQuery(RUNNING, ([first]) => first?.value === 1))

    const pushes = async () => (await sidecar.value('leanmesh_otlp_export_total')) ?? 0
    await forBoth(backEnds, (each) => each.pause())
    const before = await pushes()
    const startedAt = performance.now()
    const wasLong = async () => (await pushes()) > before + 60 && performance.now() - startedAt > 60_000
    await expect.poll(wasLong, { timeout: 90_000, interval: 250 }).toBe(true)
    await forBoth(backEnds, (each) => each.resume())
    await sidecar.stop()

    await forBoth(backEnds, async (each) => {
      // The last push of all says that the network has stopped, and comes after everything that waited.
      await each.waitForQuery(RUNNING, ([last]) => last?.value === 0, WAIT_MS)
      const { atMs, taken, made } = await pushesStored(each)
      expect(taken).toBeGreaterThan(60)
      expect(atMs.length).toBeGreaterThanOrEqual(taken)
      expect(atMs.length).toBeLessThanOrEqual(made)
    })
  },
)

test.concurrent.for([
  { signal: 'SIGTERM', mayLose: 0 },
  { signal: 'SIGKILL', mayLose: 1 },
] as const)(
  'a restart of the collector by $signal loses at most one push interval',
  async ({ signal, mayLose }, { expect }) => {
    const intervalMs = 2000
    // As otel-collector.yaml asks for: the request that was on its way when the collector stopped comes after those behind it.
    const storage = { tsdb: { out_of_order_time_window: '30m' } }
    await using backEnds = await startBackEnds({ extraConfig: { storage } })
    await using collector = await startCollector({ env: { ...backEnds.env, ...PUSH_ONLY } })
    await using sidecar = await startRunningSidecar({ otlpUrl: collector.otlpUrl, otlpIntervalMs: intervalMs })
    await forBoth(backEnds, (each) => each.waitForQuery(RUNNING, ([first]) => first?.value === 1))
    // What waits for this one is on the disk of the collector.
    await backEnds.otlp.pause()
    const twoMore = async () => {
      const { length } = (await pushesStored(backEnds.remoteWrite)).atMs
      await expect
        .poll(async () => (await pushesStored(backEnds.remoteWrite)).atMs.length, { timeout: WAIT_MS })
        .toBeGreaterThanOrEqual(length + 2)
    }
    await twoMore()
    await collector.end(signal)
    await collector.start()
    await twoMore()
    await backEnds.otlp.resume()
    await sidecar.stop()

    await forBoth(backEnds, async (each) => {
      await each.waitForQuery(RUNNING, ([last]) => last?.value === 0, WAIT_MS)
      const { atMs, taken } = await pushesStored(each)
      expect(taken - atMs.length).toBeLessThanOrEqual(mayLose)
      const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0))
      expect(Math.max(...gaps)).toBeLessThan(2 * intervalMs + 500)
    })
  },
)

/** Of the path, of the scrape itself, or of the resource: not of the metrics. */
const OTHER_LABELS = ['__name__', 'job', 'instance', 'network']
const OTHER_SERIES = /^(up|scrape_.*|target_info)$/

/** Written alike for what is scraped and for what is stored. An empty label is none. */
function seriesOf(samples: readonly { name: string; labels: Iterable<readonly [string, string]> }[]): string[] {
  return samples
    .filter(({ name }) => !OTHER_SERIES.test(name))
    .map(({ name, labels }) => {
      const own = [...labels].filter(([key, value]) => value !== '' && !OTHER_LABELS.includes(key))
      return `${name} ${own.map(String).sort().join()}`
    })
    .sort()
}

async function storedSeries(backEnd: Prometheus, instance: string): Promise<string[]> {
  const samples = await backEnd.query(`{instance="${instance}"}`)
  return seriesOf(samples.map(({ metric }) => ({ name: metric['__name__'] ?? '', labels: Object.entries(metric) })))
}

const PUSHED = { instance: 'pushed', network: 'devnet-push' }
const LOOK_BACK_MS = 12_000

test.concurrent(
  'pull and push bring the same names and labels by both exporters, and a departed peer ends on each path',
  async ({ expect }) => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'names.json')
    await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS })
    await using go = await startRealPeer('go', { topics: LEAN_TOPICS })
    const ream = { [rust.peerId]: 'ream_0' }
    const names = { ...ream, [go.peerId]: 'gean_0' }
    await replaceFile(file, names)

    await using backEnds = await startBackEnds({ flags: [`--query.lookback-delta=${LOOK_BACK_MS}ms`] })
    const port = await freePort()
    const pulled = { instance: `127.0.0.1:${port}`, network: 'devnet-pull' }
    const scrape = {
      COLLECTOR_TARGETS: `[${pulled.instance}]`,
      COLLECTOR_SCRAPE_INTERVAL: '1s',
      COLLECTOR_SCRAPE_TIMEOUT: '1s',
    }
    await using collector = await startCollector({
      env: { ...backEnds.env, ...scrape, COLLECTOR_NETWORK: pulled.network },
    })
    await using sidecar = await startRunningSidecar({
      httpPort: port,
      dial: [...rust.addresses, ...go.addresses],
      names: new Map(Object.entries(names)),
      namesFile: file,
      otlpUrl: collector.otlpUrl,
      otlpIntervalMs: 1000,
      resource: { 'service.instance.id': PUSHED.instance, 'lean.network': PUSHED.network },
    })
    const gean = (instance: string) => `lean_gossip_mesh_peers{client="gean_0",instance="${instance}"}`
    const byPath = (work: (each: Prometheus, labels: typeof PUSHED) => Promise<unknown>) => {
      return forBoth(backEnds, async (each) => Promise.all([pulled, PUSHED].map((labels) => work(each, labels))))
    }
    await byPath(async (each, labels) => {
      const [peers] = await each.waitForQuery(gean(labels.instance), ([first]) => first?.value === 1, WAIT_MS)
      expect(peers?.metric).toEqual({
        __name__: 'lean_gossip_mesh_peers',
        job: 'leanmesh',
        client: 'gean_0',
        ...labels,
      })
    })
    const expected = seriesOf(parseExposition(await sidecar.metrics()).flatMap(({ samples }) => samples))
    await byPath(async (each, labels) => expect(await storedSeries(each, labels.instance)).toEqual(expected))

    await go.stop()
    await byPath((each, { instance }) => each.waitForQuery(gean(instance), ([first]) => first?.value === 0, WAIT_MS))
    await replaceFile(file, ream)
    const removedAt = performance.now()
    await forBoth(backEnds, async (each) => {
      await each.waitForQuery(gean(pulled.instance), ({ length }) => length === 0)
      // Not by look-back: the scrape has told that it ended.
      expect(performance.now() - removedAt).toBeLessThan(LOOK_BACK_MS / 2)
      expect(await each.query(gean(PUSHED.instance))).toMatchObject([{ value: 0 }])
      await each.waitForQuery(gean(PUSHED.instance), ({ length }) => length === 0)
      expect(performance.now() - removedAt).toBeLessThan(LOOK_BACK_MS + 4000)
      expect(await each.query('lean_gossip_mesh_peers{client="ream_0"}')).toMatchObject([{ value: 1 }, { value: 1 }])
    })
  },
)
