import { labelKey } from '../src/gossipsub-metrics/all-series.ts'
import { exportedMetrics } from '../src/gossipsub-metrics/exported-metrics.ts'
import type { GossipsubRow, LabelValues } from '../src/gossipsub-metrics/row.ts'
import { GOSSIPSUB_ROWS, REFUSED_ROW } from '../src/gossipsub-metrics/table.ts'
import { MAX_TOPICS } from '../src/gossipsub-metrics/topic-labels.ts'

const INTRODUCTION = `## gossipsub's own metrics

Exported only with \`gossipsub_metrics\` (\`--gossipsub-metrics\`), and by \`gossipsubMetricsRegister\` in an application. They are what
js gossipsub counts of its own work, in the observer: nothing here is the client's.

- **Kinds.** gossipsub registers its counters as gauges; what is only ever increased is a counter here. In the sidecar
  counters and histograms go on over a restart of a swarm, and have all their series from the start; gauges end with it.
- **Names** are gossipsub's, but where it misspells them, leaves out \`_total\` or a unit, or ends a gauge in \`_count\`.
- **Labels.** The sidecar adds \`network_id\`. \`topic\` is the short name of a configured topic (\`block\`, \`attestation_0\`), and \`other\` for
  all others together, of which peers can make up as many as they like; gauges leave those out. In an application at most ${MAX_TOPICS} topics
  are told apart.
- **Topics** that are not subscribed any more have no gauges; deleted from \`topicStrToLabel\`, no series at all.
- Two histograms are **samples of levels**: each reading adds what each peer has then. Their rates are distributions over time, their
  counts say nothing. A reading also adds to \`gossipsub_score_fn_calls_total\`. The sidecar reads at each snapshot, about once a second.
- \`gossipsub_peer_stat_behaviour_penalty\` has one bucket: gossipsub has five times the same bound where the penalty threshold is 0.
- \`${REFUSED_ROW.name}\` above 0: gossipsub has a metric (\`unknown_metric\`) or a label (\`unknown_label\`, whose updates are counted as \`other\`)
  that is not in this table, told what cannot be (\`invalid_value\`), or could not be read (\`collect_failed\`); or more topics were to be told apart than can be
  (\`topic_limit\`). The table is tested against @libp2p/gossipsub 17.1 and @chainsafe/libp2p-gossipsub 14.1.
- **Cost**, with three topics: 6 us of the swarm's CPU a message (1.5 %) and 0.05 ms a snapshot; a scrape is 43 KB longer and takes 5 ms more of the
  metrics plane's CPU, whose memory grows by 5 MiB. Each further topic adds about 60 lines. \`npm run bench:gossipsub\` measures it again.
`

/** The part of \`docs/metrics.md\` on the second table. */
export function gossipsubSection(): string {
  const head = ['| metric | type | labels | help | in gossipsub |', '| --- | --- | --- | --- | --- |']
  return [INTRODUCTION, ...head, ...[...GOSSIPSUB_ROWS, REFUSED_ROW].flatMap(lines), ''].join('\n')
}

function lines(row: GossipsubRow): string[] {
  return exportedMetrics(row).map(({ name, kind, help, buckets }) => {
    const labels = Object.entries(row.labels).map(([key, values]) => `\`${labelKey(key)}\`${describeValues(values)}`)
    const bounds = buckets ? `; buckets ${buckets.join(', ')}` : ''
    const upstream = row === REFUSED_ROW || name === row.upstream ? '' : `\`${row.upstream}\``
    return `| \`${name}\` | ${kind} | ${labels.join('; ')} | ${help}${bounds} | ${upstream} |`
  })
}

function describeValues(values: LabelValues): string {
  if (typeof values === 'object') return `: ${values.join(', ')}`
  return values === 'topic or none' ? ', not with p5 to p7' : ''
}
