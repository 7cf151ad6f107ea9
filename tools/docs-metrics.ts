import { gossipsubSection } from './docs-gossipsub.ts'
import { CATALOGUE } from '../src/metrics/catalogue.ts'
import type { MetricRow } from '../src/metrics/metric-row.ts'

const INTRODUCTION = `# Metrics

Every metric that leanmesh exports. All are measured by the observer, an ordinary peer beside the client: they say what
such a peer sees, not what the client counts. A restart of a swarm makes no counter go back.

Generated from \`src/metrics/catalogue.ts\` by \`npm run docs\`; do not edit.
`

/** The text of \`docs/metrics.md\`. */
export function metricsDocument(): string {
  return [INTRODUCTION, overview(), ...CATALOGUE.map(section), gossipsubSection()].join('\n')
}

function overview(): string {
  const rows = CATALOGUE.map(({ name, kind, help }) => `| [\`${name}\`](#${name}) | ${kind} | ${help} |`)
  return ['| metric | type | help |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function section(row: MetricRow): string {
  const labels = Object.entries(row.labels).map(([key, values]) => `- \`${key}\`: ${describeValues(values)}`)
  return [
    `## ${row.name}`,
    '',
    `${row.kind}: ${row.help}.`,
    '',
    [row.meaning, ...networksCovered(row)].join(' '),
    '',
    ...(row.buckets ? [`Buckets: ${row.buckets.join(', ')}.`, ''] : []),
    ...(labels.length === 0 ? ['No labels.'] : ['Labels:', '', ...labels]),
    '',
  ].join('\n')
}

/** A swarm's totals lose their network where the row has no label for it. */
function networksCovered({ origin, labels }: MetricRow): string[] {
  return origin === 'swarm' && !('network_id' in labels) ? ['Summed over the networks of the sidecar.'] : []
}

function describeValues(values: MetricRow['labels'][string]): string {
  if (values === 'open') return 'bounded by the settings'
  if (values === 'optional') return 'only with a names table'
  if (values === 'client') return 'the names of the names table, and `unknown`'
  if (values === 'name') return 'the names of the names table'
  if (values === 'version') return 'the version that runs'
  if (values === 'topic') return 'the configured topics'
  return values.map((value) => `\`${value}\``).join(', ')
}
