/** The real OpenTelemetry Collector on loopback, with the checkout's otel-collector.yaml, writing to a Prometheus. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collector, startCollector } from '../../test/support/collector.ts'

export interface CollectorOptions {
  /** Scraped; without them it takes pushes. */
  scrapeConfig?: object
  /** Where Prometheus takes remote write. */
  remoteWriteUrl: string
}

export async function startWritingCollector({ scrapeConfig, remoteWriteUrl }: CollectorOptions): Promise<Collector> {
  const env = {
    COLLECTOR_RECEIVERS: scrapeConfig === undefined ? '[otlp]' : '[prometheus]',
    COLLECTOR_EXPORTERS: '[prometheus_remote_write]',
    COLLECTOR_REMOTE_WRITE: remoteWriteUrl,
    COLLECTOR_MEMORY_MIB: '6000',
  }
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-overlay-'))
  try {
    const overlay = join(folder, 'overlay.yaml')
    const receivers = scrapeConfig && { prometheus: { config: { scrape_configs: [scrapeConfig] } } }
    // JSON is YAML.
    await writeFile(overlay, JSON.stringify({ receivers: receivers ?? {} }))
    return await startCollector({ env, overlays: [overlay] })
  } finally {
    await rm(folder, { recursive: true })
  }
}
