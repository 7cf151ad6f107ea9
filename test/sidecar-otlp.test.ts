/** What the variables say of the push, as far as a receiver sees it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { prepare } from '../src/cli/prepare.ts'
import { createOtlpReader, type OtlpOptions } from '../src/sidecar-otlp.ts'
import { setUpMetrics } from './support/metrics-setup.ts'
import { fakeNetwork, runningNetwork } from './support/network-states.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import { fixture, load } from './support/settings.ts'
import { silentLog } from './support/silent-log.ts'

const tls = (name: string) => fixture('tls', name)
const pem = (name: string) => readFileSync(tls(name), 'utf8')

async function otlpOptions(env: Record<string, string>): Promise<OtlpOptions> {
  const { options } = await prepare(await load({ env: { OTEL_METRICS_EXPORTER: 'otlp', ...env } }), {
    isTerminal: false,
  })
  if (options.otlp === undefined) throw new Error('nothing is pushed')
  return options.otlp
}

/** A pipeline with two names, `b` of which can leave, that pushes as the options say. */
function pushing(options: OtlpOptions) {
  const names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
  ])
  const { pipeline } = setUpMetrics([fakeNetwork(runningNetwork(['a', 'b']))], { names: () => names })
  const reader = createOtlpReader(options, () => {}, silentLog)
  pipeline.attach(reader)
  reader.start()
  return { names, pipeline, reader }
}

test('endpoint, headers, compression, certificates and interval of the variables are those of the push', async () => {
  const receiverTls = { key: pem('receiver.key'), cert: pem('receiver.pem') }
  const mutual = { ...receiverTls, requestCert: true, rejectUnauthorized: true, ca: pem('sender.pem') }
  await using receiver = await startOtlpReceiver({ tls: mutual })
  const options = await otlpOptions({
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=%24ecret',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_CERTIFICATE: tls('receiver.pem'),
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: tls('sender.pem'),
    OTEL_EXPORTER_OTLP_CLIENT_KEY: tls('sender.key'),
    OTEL_METRIC_EXPORT_INTERVAL: '100',
  })
  const { pipeline } = pushing(options)
  expect(await receiver.request(0)).toMatchObject({
    url: '/v1/metrics',
    headers: { 'api-key': '$ecret', 'content-encoding': 'gzip' },
  })
  await pipeline.shutdown()
})

test('a request may take as long as its variable says', async () => {
  await using receiver = await startOtlpReceiver({ answer: () => undefined })
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin }
  const options = await otlpOptions({
    ...endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    OTEL_METRIC_EXPORT_TIMEOUT: '20000',
  })
  expect(options).toMatchObject({ requestTimeoutMs: 50, exportTimeoutMs: 20_000, intervalMs: 60_000 })
  const { pipeline, reader } = pushing(options)
  const startMs = performance.now()
  await pipeline.shutdown()
  expect(reader.stats().failures).toMatchObject({ timeout: 1 })
  // The last push has 1.5 s.
  expect(performance.now() - startMs).toBeLessThan(1400)
})

test('a whole push may take as long as its variable says', async () => {
  await using receiver = await startOtlpReceiver({ answer: () => undefined })
  const options = await otlpOptions({
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin,
    OTEL_EXPORTER_OTLP_TIMEOUT: '20000',
    OTEL_METRIC_EXPORT_INTERVAL: '2000',
    OTEL_METRIC_EXPORT_TIMEOUT: '50',
  })
  const { pipeline, reader } = pushing(options)
  await receiver.request(0)
  // Else it could take until the next one, which is 2 s.
  await expect.poll(() => reader.stats().failures.timeout, { timeout: 1000 }).toBe(1)
  await pipeline.shutdown()
})

test('a name that left the table is pushed as 0 once more in the gauge and in the connected peers', async () => {
  await using receiver = await startOtlpReceiver()
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin }
  const { names, pipeline } = pushing(await otlpOptions({ ...endpoint, OTEL_METRIC_EXPORT_INTERVAL: '100' }))
  const series = ['lean_gossip_mesh_peers{client=ream_0}', 'lean_connected_peers{client=ream_0}']
  const said = (index: number) => series.map((name) => receiver.received[index]?.values[name])
  await receiver.request(0)
  expect(said(0)).toEqual([1, 1])
  names.delete('b')
  const after = receiver.received.length
  // One push may have been collected before the table changed.
  await receiver.request(after + 2)
  const later = receiver.received.map((_, index) => said(index))
  expect(later.filter(([gauge]) => gauge === 0)).toEqual([[0, 0]])
  expect(later.at(-1)).toEqual([undefined, undefined])
  await pipeline.shutdown()
})
