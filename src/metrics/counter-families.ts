import { CATALOGUE } from './catalogue.ts'
import type { Sample } from './sample.ts'

/** A counter with all its series, as totals. */
export interface CounterFamily {
  kind: 'counter'
  name: string
  help: string
  points: { labels: Record<string, string>; value: number }[]
}

/** The counters among the samples, in the catalogue's order. */
export function counterFamilies(samples: readonly Sample[]): CounterFamily[] {
  return CATALOGUE.filter((row) => row.kind === 'counter').map(({ kind, name, help }) => ({
    kind,
    name,
    help,
    points: samples.filter(({ metric }) => metric === name).map(({ labels, value }) => ({ labels, value })),
  }))
}
