/** The parts that are compared: each serves the same gauge, whose values are worked out at the scrape. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import * as prometheusIo from '@prometheus-io/client'
import * as promClient from 'prom-client'
import { createMetricsPipeline, type MetricsPipeline } from '../../src/exporters/metrics-pipeline.ts'
import { AdminServer } from '../../src/http/admin-server.ts'
import type { Names } from '../../src/mesh/names.ts'
import { fakeNetwork, runningNetwork } from '../../test/support/network-states.ts'
import { setUpMetrics } from '../../test/support/metrics-setup.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { noMeshDocument } from './no-mesh-document.ts'

export const CONTESTANTS = ['leanmesh', 'leanmesh-whole', 'opentelemetry', 'prom-client', 'prometheus-io'] as const
export type Contestant = (typeof CONTESTANTS)[number]

export interface Exporter {
  url: string
  /** One scrape without HTTP. */
  collect(): Promise<string>
}

/** What the two Prometheus clients have in common. */
interface Registry {
  readonly contentType: string
  metrics(): Promise<string>
}

const GAUGE = { name: 'lean_gossip_mesh_peers', help: 'Number of peers in the gossipsub mesh' }
const MESH_SIZE = 8

/** @param series how many series the gauge has */
export async function startExporter(contestant: Contestant, series: number): Promise<Exporter> {
  const names = Array.from({ length: series }, (_, index) => `zeam_${index}`)
  switch (contestant) {
    case 'leanmesh':
      return startPipeline(names)
    case 'leanmesh-whole':
      return startWholeCatalogue(names)
    case 'opentelemetry':
      return startStock(names)
    case 'prom-client':
      return startClient(promClientRegistry(names))
    case 'prometheus-io':
      return startClient(prometheusIoRegistry(names))
  }
}

/** The gauge alone, in leanmesh's pipeline and behind its server. */
async function startPipeline(names: readonly string[]): Promise<Exporter> {
  const options = { resource: { 'service.name': 'bench' }, version: '0.0.0', startTimeMs: Date.now() }
  const pipeline = createMetricsPipeline(options, { totals: async () => [], onRejected: () => undefined })
  const gauge = pipeline.meter.createObservableGauge(GAUGE.name, { description: GAUGE.help })
  gauge.addCallback((result) => names.forEach((client, index) => result.observe(index % 2, { client })))
  return serve(pipeline)
}

/** Every metric of the catalogue for one running network; the table of names makes the series. */
async function startWholeCatalogue(names: readonly string[]): Promise<Exporter> {
  const table: Names = new Map(names.map((name, index) => [`peer-${index}`, name]))
  const network = fakeNetwork(runningNetwork([...table.keys()].slice(0, MESH_SIZE)))
  // The name `unknown` is one of the series.
  if (names.length > 1) return serve(setUpMetrics([network], { names: () => new Map([...table].slice(1)) }).pipeline)
  return serve(setUpMetrics([network]).pipeline)
}

async function serve(pipeline: MetricsPipeline): Promise<Exporter> {
  const server = new AdminServer(
    { host: '127.0.0.1', port: 0, maxConnections: 16 },
    {
      scrape: () => pipeline.scrape(),
      mesh: noMeshDocument,
      history: () => [],
      ready: () => ({ ready: true, reason: 'bench' }),
      log: silentLog,
    },
  )
  const collect = async () => {
    const scrape = await pipeline.scrape()
    if (!scrape.ok) throw new Error(scrape.reason)
    return scrape.body
  }
  return { url: await server.start(), collect }
}

async function startStock(names: readonly string[]): Promise<Exporter> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true })
  const meter = new MeterProvider({ readers: [exporter] }).getMeter('bench')
  const gauge = meter.createObservableGauge(GAUGE.name, { description: GAUGE.help })
  gauge.addCallback((result) => names.forEach((client, index) => result.observe(index % 2, { client })))
  const url = await listen((request, response) => exporter.getMetricsRequestHandler(request, response))
  return { url, collect: () => serialized(exporter) }
}

/** What the stock exporter does at a request, without the request. */
async function serialized(exporter: PrometheusExporter): Promise<string> {
  const { PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus')
  const { resourceMetrics } = await exporter.collect()
  return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics)
}

function promClientRegistry(names: readonly string[]): Registry {
  const registry = new promClient.Registry()
  const collect = () => names.forEach((client, index) => gauge.set({ client }, index % 2))
  const gauge = new promClient.Gauge({ ...GAUGE, labelNames: ['client'], registers: [registry], collect })
  return registry
}

function prometheusIoRegistry(names: readonly string[]): Registry {
  const registry = new prometheusIo.Registry()
  const collect = () => names.forEach((client, index) => gauge.set({ client }, index % 2))
  const gauge = new prometheusIo.Gauge({ ...GAUGE, labelNames: ['client'], registers: [registry], collect })
  return registry
}

async function startClient(registry: Registry): Promise<Exporter> {
  const url = await listen((_request, response) => {
    registry.metrics().then(
      (body) => response.setHeader('Content-Type', registry.contentType).end(body),
      () => response.writeHead(500).end(),
    )
  })
  return { url, collect: () => registry.metrics() }
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
