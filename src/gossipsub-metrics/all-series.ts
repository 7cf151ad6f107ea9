import type { GossipsubRow, LabelValues } from './row.ts'
import { OTHER } from './topic-labels.ts'

/** The label that a row's own key becomes. */
export function labelKey(key: string): string {
  return key === 'topicStr' ? 'topic' : key
}

/** The labels of every series that a metric may have, with these topic labels. */
export function allSeries(row: GossipsubRow, topics: Iterable<string>): Record<string, string>[] {
  const labels = [...new Set(topics)].filter((label) => label !== OTHER)
  return Object.entries(row.labels).reduce<Record<string, string>[]>(
    (partial, [key, values]) =>
      partial.flatMap((given) =>
        valuesOf(values, labels).map((value) => (value === undefined ? given : { ...given, [labelKey(key)]: value })),
      ),
    [{}],
  )
}

/**
 * The labels of the series that another version of gossipsub may have beside those: of a closed label with a value that the
 * table does not foresee, which the swarm counts as `other`.
 */
export function unforeseenSeries(row: GossipsubRow, topics: Iterable<string>): Record<string, string>[] {
  const closed = Object.entries(row.labels).flatMap(([key, values]): [key: string, values: readonly string[]][] =>
    typeof values === 'object' ? [[key, values]] : [],
  )
  if (closed.length === 0) return []
  const wider = Object.fromEntries(closed.map(([key, values]) => [key, [...new Set([...values, OTHER])]]))
  return allSeries({ ...row, labels: { ...row.labels, ...wider } }, topics).filter((labels) =>
    closed.some(([key, values]) => !values.includes(labels[labelKey(key)] ?? '')),
  )
}

function valuesOf(values: LabelValues, topics: readonly string[]): readonly (string | undefined)[] {
  if (typeof values === 'object') return values
  if (values === 'topic string') return topics
  return values === 'topic' ? [...topics, OTHER] : [undefined, ...topics, OTHER]
}
