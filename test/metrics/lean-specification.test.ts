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
const COPIED = (JSON.parse(read('../fixtures/lean-metrics/network-metrics.json')) as { metrics: SpecifiedMetric[] })
  .metrics
const ARRIVAL_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2.4, 4, 8, 16]
/** Of a newer edition, whose help texts are not known: ours. */
const ARRIVALS = ['block', 'attestation', 'aggregation'].flatMap((kind): Omit<SpecifiedMetric, 'help'>[] => {
  // Measured from the latest boundary that has passed, nothing comes before it.
  const position = kind === 'aggregation' ? ['inside', 'after'] : ['before', 'inside', 'after']
  const name = `lean_gossip_${kind}_arrival`
  return [
    { name: `${name}_delay_seconds`, type: 'histogram', labels: {}, buckets: ARRIVAL_BUCKETS },
    { name: `${name}_total`, type: 'counter', labels: { position }, buckets: null },
  ]
})
const SPECIFIED: (Omit<SpecifiedMetric, 'help'> & { help?: string })[] = [...COPIED, ...ARRIVALS]
const GOLDEN = parseExposition(read('../golden/three-networks.txt'))
const ROWS: readonly MetricRow[] = CATALOGUE
const closed = (values: readonly string[] | null | undefined) => values !== null && !values?.includes('unknown')

describe.each(SPECIFIED)('$name', ({ name, type, help, labels, buckets }) => {
  const row = ROWS.find((candidate) => candidate.name === name)

  it('has the name, type, help, labels and buckets of the specification', () => {
    expect(row).toMatchObject({ kind: type, ...(help !== undefined && { help }) })
    expect(Object.keys(row?.labels ?? {})).toEqual(Object.keys(labels))
    expect(row?.buckets ?? null).toEqual(buckets)
    for (const [label, values] of Object.entries(labels)) {
      if (closed(values)) expect(row?.labels[label]).toEqual(values)
    }
  })

  it('is so in the golden scrape', () => {
    const family = GOLDEN.find((candidate) => candidate.name === name)
    expect(family).toMatchObject({ type, ...(help !== undefined && { help }) })
    const samples = family?.samples ?? []
    const suffixes = buckets === null ? [''] : ['_bucket', '_count', '_sum']
    expect([...new Set(samples.map((sample) => sample.name.slice(name.length)))].sort()).toEqual(suffixes)
    const told = (label: string) => [...new Set(samples.flatMap((sample) => sample.labels.get(label) ?? []))]
    expect(told('le')).toEqual(buckets === null ? [] : [...buckets.map(String), '+Inf'])
    for (const sample of samples) {
      expect([...sample.labels.keys()].filter((label) => label !== 'le').sort()).toEqual(Object.keys(labels).sort())
    }
    for (const [label, values] of Object.entries(labels)) {
      if (closed(values)) expect(told(label).sort()).toEqual([...(values ?? [])].sort())
    }
  })
})

it('nothing else is exported under the prefix of the specification', () => {
  const others = ROWS.map((row) => row.name).filter(
    (name) => name.startsWith('lean_') && !SPECIFIED.some((specified) => specified.name === name),
  )
  expect(others).toEqual(['lean_gossip_mesh_running'])
})
