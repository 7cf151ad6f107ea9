import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import type { MetricRow } from '../../src/metrics/metric-row.ts'
import { parseExposition } from '../support/exposition.ts'

interface SpecifiedMetric {
  name: string
  type: string
  help: string
  labels: Record<string, string[] | null>
  buckets: number[] | null
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
/** A copy of the specification's network and node rows. */
const SPECIFIED = (JSON.parse(read('../fixtures/lean-metrics/network-metrics.json')) as { metrics: SpecifiedMetric[] })
  .metrics
const GOLDEN = parseExposition(read('../golden/three-networks.txt'))
const ROWS: readonly MetricRow[] = CATALOGUE
const closed = (values: readonly string[] | null | undefined) => values !== null && !values?.includes('unknown')

describe.each(SPECIFIED)('$name', ({ name, type, help, labels, buckets }) => {
  const row = ROWS.find((candidate) => candidate.name === name)

  it('has the name, type, help, labels and buckets of the specification', () => {
    expect(row).toMatchObject({ kind: type, help })
    expect(Object.keys(row?.labels ?? {})).toEqual(Object.keys(labels))
    expect(row?.buckets ?? null).toEqual(buckets)
    for (const [label, values] of Object.entries(labels)) {
      if (closed(values)) expect(row?.labels[label]).toEqual(values)
    }
  })

  it('is so in the golden scrape', () => {
    const family = GOLDEN.find((candidate) => candidate.name === name)
    expect(family).toMatchObject({ type, help })
    const suffixes = buckets === null ? [''] : ['_bucket', '_count', '_sum']
    expect([...new Set(family?.samples.map((sample) => sample.name.slice(name.length)))].sort()).toEqual(suffixes)
  })
})

it('nothing else is exported under the prefix of the specification but what newer editions add', () => {
  const others = ROWS.map((row) => row.name).filter(
    (name) => name.startsWith('lean_') && !SPECIFIED.some((specified) => specified.name === name),
  )
  expect(others.filter((name) => !/^lean_gossip_(block|attestation|aggregation)_arrival_/.test(name))).toEqual([
    'lean_gossip_mesh_running',
  ])
})
