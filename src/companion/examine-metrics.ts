import { LEAN_NETWORK_METRICS, type LeanMetricName } from '../mesh/lean-metrics.ts'
import { clientOf, meshPeersReport, type MeshPeersReport } from './counting-habits.ts'
import { createExpositionParser, type Exposition } from './exposition-parser.ts'
import { judgeMetric, metadataNames, type MetricVerdict } from './judge-metric.ts'
import { quoted } from './quoted.ts'
import type { ReadFailure } from './read-failure.ts'
import { readMetrics, type ReadOptions } from './read-metrics.ts'

export interface ExamineOptions extends ReadOptions {
  /** Which client it is, where `lean_node_info` does not say so. */
  clientName?: string
  /** How many gossip topics the client subscribes to, where that is known. */
  topics?: number
}

/** What a client's metrics say, and how they follow leanMetrics. All texts are safe to print. */
export interface MetricsReport {
  ok: true
  /** The client's name, as it or the caller gave it. */
  client?: string
  /** What is wrong with the text as a whole, such that Prometheus would misread or refuse it. */
  problems: readonly string[]
  /** One for each network metric of the specification, in its order. */
  metrics: readonly MetricVerdict[]
  meshPeers: MeshPeersReport
}

export type Examination = MetricsReport | ({ ok: false } & ReadFailure)

const NAMESPACE = 'lean_'

/**
 * Reads a client's metrics once and judges them. Takes bounded time and memory whatever the other side does, and never rejects.
 *
 * @param signal ends it early
 */
export async function examineMetrics(options: ExamineOptions, signal?: AbortSignal): Promise<Examination> {
  const wanted = LEAN_NETWORK_METRICS.flatMap((metric) => metadataNames(metric))
  const parser = createExpositionParser({ wanted, prefix: NAMESPACE })
  const reading = await readMetrics(options, parser.push, signal)
  if (!reading.ok) return reading
  const exposition = parser.end()
  if (!exposition.isReadable) return unparsable(exposition, options.givenAs)
  return report(exposition, reading.contentType, options)
}

function unparsable({ problems }: Exposition, givenAs: string): Examination {
  const detail = `the answer is not in Prometheus' text format (${problems.join('; ')}): is ${givenAs} right?`
  return { ok: false, reason: 'unparsable', detail }
}

function report(exposition: Exposition, contentType: string | undefined, options: ExamineOptions): MetricsReport {
  const isOpenMetrics = contentType?.toLowerCase().startsWith('application/openmetrics-text') === true
  const samplesOf = (name: LeanMetricName) => exposition.families.get(name)?.samples ?? []
  const clientName = options.clientName ?? samplesOf('lean_node_info')[0]?.labels.get('name')
  const connected = samplesOf('lean_connected_peers')
  const evidence = {
    ...(clientName !== undefined && { clientName }),
    ...(connected.length > 0 && { connectedPeers: connected.reduce((sum, { value }) => sum + value, 0) }),
    ...(options.topics !== undefined && { topics: options.topics }),
  }
  const client = clientName === undefined ? undefined : clientOf(clientName)
  return {
    ok: true,
    ...(client !== undefined && { client }),
    problems: [...contentTypeProblems(contentType, isOpenMetrics, exposition.hasEnd), ...exposition.problems],
    metrics: LEAN_NETWORK_METRICS.map((metric) => judgeMetric(metric, exposition, isOpenMetrics)),
    meshPeers: meshPeersReport(samplesOf('lean_gossip_mesh_peers'), evidence),
  }
}

/** Prometheus 3 refuses a scrape without a content type that it knows. */
function contentTypeProblems(contentType: string | undefined, isOpenMetrics: boolean, hasEnd: boolean): string[] {
  if (isOpenMetrics) return hasEnd ? [] : ['it does not end with # EOF, as OpenMetrics must']
  if (contentType === undefined) return ['it has no content type; text/plain; version=0.0.4 is right']
  if (/^text\/plain\s*(?:;|$)/i.test(contentType)) return []
  return [`its content type is ${quoted(contentType)}; text/plain; version=0.0.4 is right`]
}
