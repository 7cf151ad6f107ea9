import { startPrometheus, type Prometheus, type PrometheusOptions, type StoredSeries } from './prometheus.ts'

/** A Prometheus for each of the two exporters of otel-collector.yaml. */
export interface BackEnds extends AsyncDisposable {
  readonly otlp: Prometheus
  readonly remoteWrite: Prometheus
  readonly both: readonly Prometheus[]
  /** What tells the collector of them. */
  readonly env: Readonly<Record<string, string>>
}

export async function startBackEnds(options: PrometheusOptions = {}): Promise<BackEnds> {
  const start = (flag: string) => startPrometheus({ ...options, flags: [flag, ...(options.flags ?? [])] })
  const otlp = await start('--web.enable-otlp-receiver')
  const remoteWrite = await start('--web.enable-remote-write-receiver')
  const both = [otlp, remoteWrite]
  return {
    otlp,
    remoteWrite,
    both,
    env: {
      COLLECTOR_EXPORTERS: '[otlp_http, prometheus_remote_write]',
      COLLECTOR_OTLP_BACKEND: `${otlp.url}/api/v1/otlp`,
      COLLECTOR_REMOTE_WRITE: `${remoteWrite.url}/api/v1/write`,
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(both.map((each) => each.stop()))),
  }
}

export interface PushesStored {
  /** When each was made, in order. */
  readonly atMs: readonly number[]
  /** How many the receiver had taken, by what the last one says, and that one. */
  readonly taken: number
  /** The same with those that the sidecar had given up on, some of which may have arrived nevertheless. */
  readonly made: number
}

/** The pushes of the only sidecar that pushes to a back end. */
export async function pushesStored(backEnd: Prometheus): Promise<PushesStored> {
  const [running] = await backEnd.points('lean_gossip_mesh_running')
  const [pushed] = await backEnd.points('leanmesh_otlp_export_total')
  const failed = await backEnd.points('leanmesh_otlp_export_failures_total')
  const failures = failed.reduce((sum, series) => sum + lastValue(series), 0)
  const made = lastValue(pushed) + 1
  return { atMs: running?.points.map(({ atMs }) => atMs) ?? [], taken: made - failures, made }
}

function lastValue(series: StoredSeries | undefined): number {
  return series?.points.at(-1)?.value ?? Number.NaN
}
