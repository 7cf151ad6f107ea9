import type { GossipsubRow } from './row.ts'
import type { LabelsOf } from './metrics-register.ts'
import type { Refusal } from './table.ts'
import { OTHER } from './topic-labels.ts'

export interface Bounds {
  /** Topic to label. It may change at any time. */
  topics: ReadonlyMap<string, string>
  refuse(reason: Refusal): void
}

export interface Series<Value> {
  readonly labels: Record<string, string>
  value: Value
}

/** The series of one metric, of which there are no more than its closed labels and the configured topics allow. */
export interface SeriesTable<Value> {
  /** The series of these labels. Values that are not foreseen are `other`. */
  at(labels: LabelsOf | undefined): Series<Value>
  /** The same, where a sum over what is not foreseen says nothing: undefined then. */
  exactlyAt(labels: LabelsOf | undefined): Series<Value> | undefined
  /** Those whose topic is still configured; the others are forgotten. */
  current(): Series<Value>[]
  clear(): void
}

export function createSeriesTable<Value>(
  row: GossipsubRow,
  { topics, refuse }: Bounds,
  create: (labels: Record<string, string>) => Value,
): SeriesTable<Value> {
  const keys = Object.entries(row.labels)
  const table = new Map<string, Series<Value>>()

  const known = (key: string, value: string): string => {
    const values = row.labels[key]
    if (typeof values === 'object') {
      if (values.includes(value)) return value
      refuse('unknown_label')
      return OTHER
    }
    return isLabel(topics, value) ? value : OTHER
  }
  const foreseen = (raw: LabelsOf): Record<string, string> =>
    Object.fromEntries(
      keys
        .filter(([key, values]) => values !== 'topic or none' || raw[key] !== undefined)
        .map(([key]) => [key, known(key, String(raw[key]))]),
    )
  const seriesOf = (labels: Record<string, string>): Series<Value> => {
    const key = keyOf(keys, labels)
    const found = table.get(key)
    if (found) return found
    const series = { labels, value: create(labels) }
    table.set(key, series)
    return series
  }
  return {
    at: (raw = NO_LABELS) => table.get(keyOf(keys, raw)) ?? seriesOf(foreseen(raw)),
    exactlyAt(raw = NO_LABELS) {
      const found = table.get(keyOf(keys, raw))
      if (found) return found
      const labels = foreseen(raw)
      return Object.values(labels).includes(OTHER) ? undefined : seriesOf(labels)
    },
    current() {
      const configured = new Set([OTHER, ...topics.values()])
      for (const [key, { labels }] of table) {
        if (labels['topic'] !== undefined && !configured.has(labels['topic'])) table.delete(key)
      }
      return [...table.values()]
    },
    clear: () => table.clear(),
  }
}

const NO_LABELS: LabelsOf = {}

function isLabel(topics: ReadonlyMap<string, string>, label: string): boolean {
  if (label === OTHER) return true
  for (const known of topics.values()) if (known === label) return true
  return false
}

/** Most metrics have one label: each message looks its series up several times. */
function keyOf(keys: [string, unknown][], labels: LabelsOf): string {
  const [first, ...others] = keys
  if (first === undefined) return ''
  const value = String(labels[first[0]])
  return others.length === 0 ? value : [value, ...others.map(([key]) => String(labels[key]))].join('\n')
}
