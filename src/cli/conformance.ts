import { examineMetrics, type Examination, type MetricsReport } from '../companion/examine-metrics.ts'
import { LEAN_METRICS_SOURCE } from '../mesh/lean-metrics.ts'
import { version } from '../version.ts'
import type { ConformanceOptions } from './conformance-options.ts'
import { EXIT_BAD_INPUT, EXIT_FAILURE, EXIT_OK } from './exit-codes.ts'
import { writeLine, type CommandIo } from './io.ts'

const MS_PER_SECOND = 1000

/** `leanmesh conformance`: says how a client's own metrics follow leanMetrics. */
export async function conformanceCommand(url: string, options: ConformanceOptions, io: CommandIo): Promise<number> {
  const examination = await examineMetrics({
    url,
    givenAs: 'the URL',
    userAgent: `leanmesh/${version}`,
    ...(options.timeout !== undefined && { timeoutMs: options.timeout * MS_PER_SECOND }),
    ...(options.client !== undefined && { clientName: options.client }),
  })
  if (options.json === true) writeLine(io.stdout, JSON.stringify(document(examination, options), undefined, 2))
  else if (examination.ok) writeLine(io.stdout, table(examination))
  if (!examination.ok) {
    writeLine(io.stderr, `leanmesh: ${examination.detail}`)
    return EXIT_BAD_INPUT
  }
  return passes(examination, options) ? EXIT_OK : EXIT_FAILURE
}

/** With `allowAbsent` something has to be there nevertheless: the metrics of another program would pass otherwise. */
function passes({ metrics, problems }: MetricsReport, { allowAbsent = false }: ConformanceOptions): boolean {
  const verdicts = new Set(metrics.map(({ verdict }) => verdict))
  if (problems.length > 0 || verdicts.has('deviates')) return false
  return verdicts.has('conforms') && (allowAbsent || !verdicts.has('absent'))
}

/** What `--json` prints. Keys are only ever added. */
function document(examination: Examination, options: ConformanceOptions): object {
  if (!examination.ok) return { passes: false, error: { reason: examination.reason, message: examination.detail } }
  const { client = null, problems, meshPeers, metrics } = examination
  const { reported = null, definition, why } = meshPeers
  return {
    passes: passes(examination, options),
    specification: LEAN_METRICS_SOURCE,
    client,
    problems,
    meshPeers: { reported, definition, why },
    metrics,
  }
}

function table({ client, problems, meshPeers, metrics }: MetricsReport): string {
  const width = Math.max(...metrics.map(({ metric }) => metric.length))
  const row = (...[metric, verdict, what]: [string, string, string]) =>
    `${metric.padEnd(width)}  ${verdict.padEnd('conforms'.length)}  ${what}`.trimEnd()
  const rows = metrics.flatMap(({ metric, verdict, deviations }) => {
    const [first = '', ...more] = deviations
    return [row(metric, verdict, first), ...more.map((deviation) => row('', '', deviation))]
  })
  const count = (wanted: string) => metrics.filter(({ verdict }) => verdict === wanted).length
  return [
    row('metric', 'verdict', 'what deviates'),
    ...rows,
    '',
    `client      ${client ?? 'not known: there is no lean_node_info, and no --client'}`,
    `mesh peers  ${meshPeers.reported ?? 'none reported'}; definition: ${meshPeers.definition}, because ${meshPeers.why}`,
    `result      ${count('conforms')} conform, ${count('deviates')} deviate, ${count('absent')} absent; by ${LEAN_METRICS_SOURCE}`,
    ...problems.map((problem) => `problem     ${problem}`),
  ].join('\n')
}
