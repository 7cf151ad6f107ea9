import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { LEAN_METRICS_SOURCE, LEAN_NETWORK_METRICS, type LeanMetric } from '../../src/mesh/lean-metrics.ts'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import type { MetricRow } from '../../src/metrics/metric-row.ts'
import { fixture } from '../support/settings.ts'

interface Specification {
  commit: string
  metrics: {
    name: string
    type: string
    help: string
    labels: Record<string, string[] | null>
    buckets: number[] | null
  }[]
}

const specified: readonly LeanMetric[] = LEAN_NETWORK_METRICS
const rows: readonly MetricRow[] = CATALOGUE

describe('the specification of leanMetrics', () => {
  test('is that of its own table of network metrics', async () => {
    const path = fixture('lean-metrics', 'network-metrics.json')
    const { commit, metrics } = JSON.parse(await readFile(path, 'utf8')) as Specification
    const words = (values: LeanMetric['labels'][string]) => {
      if (values === 'open') return null
      return values === 'client' ? ['<name>_<N>', 'unknown'] : [...values]
    }
    const asTable = specified.map(({ name, kind, help, labels, buckets }) => ({
      name,
      type: kind,
      help,
      labels: Object.fromEntries(Object.entries(labels).map(([label, values]) => [label, words(values)])),
      buckets: buckets === undefined ? null : [...buckets],
    }))
    expect(asTable).toEqual(metrics)
    expect(LEAN_METRICS_SOURCE.endsWith(`@${commit}`)).toBe(true)
  })

  test('is what the metrics of the same names are exported by', () => {
    const shared = rows.flatMap((row) => {
      const metric = specified.find(({ name }) => name === row.name)
      return metric === undefined ? [] : [{ row, metric }]
    })
    expect(shared.map(({ metric }) => metric.name)).toContain('lean_gossip_mesh_peers')
    for (const { row, metric } of shared) {
      expect([row.name, row.kind, row.help, row.buckets]).toEqual([
        metric.name,
        metric.kind,
        metric.help,
        metric.buckets,
      ])
      expect(Object.keys(row.labels)).toEqual(Object.keys(metric.labels))
      for (const [label, values] of Object.entries(metric.labels))
        if (typeof values !== 'string') expect([label, row.labels[label]]).toEqual([label, values])
    }
  })
})
