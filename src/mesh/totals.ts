/** What a histogram holds: the observations of each bucket, those beyond the last bound at the end, and the sum of their values. */
export interface HistogramValue {
  counts: number[]
  sum: number
}

/**
 * The total of one series, a counter's or a histogram's, since its swarm started. `metric` and the keys of `labels` are
 * those of a catalogue row.
 */
export interface Total {
  metric: string
  labels: Record<string, string>
  value: number | HistogramValue
}

/** One key a series, however its labels are ordered. */
export function seriesKey({ metric, labels }: Pick<Total, 'metric' | 'labels'>): string {
  return JSON.stringify([metric, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

/** `a` plus `b`. Of values of unlike shape, which one series never has, the second one counts. */
export function addValues(a: Total['value'], b: Total['value']): Total['value'] {
  if (typeof a === 'number') return typeof b === 'number' ? a + b : b
  if (typeof b === 'number' || a.counts.length !== b.counts.length) return b
  return { counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)), sum: a.sum + b.sum }
}

/** `base` plus `added`, series by series. Carries the totals of swarms that died, so that none goes back. */
export function addTotals(base: readonly Total[], added: readonly Total[]): Total[] {
  const sums = new Map<string, Total>()
  for (const total of [...base, ...added]) {
    const key = seriesKey(total)
    const known = sums.get(key)
    sums.set(key, known === undefined ? total : { ...total, value: addValues(known.value, total.value) })
  }
  return [...sums.values()]
}

/** Of one swarm, and of those of one network that died: more than twice what one has with all names and topics that there can be. */
export const MAX_SERIES = 20_000

/**
 * `base` plus what a swarm counted until it died. A swarm is believed no more than its peers: what cannot have been counted would spoil
 * its series for good, and in each life it could make up new ones.
 */
export function carryTotals(base: readonly Total[], died: readonly Total[]): Total[] {
  return addTotals(base, died.filter(isCounted)).slice(0, MAX_SERIES)
}

function isCounted({ value }: Total): boolean {
  const counts = typeof value === 'number' ? [value] : value.counts
  // What a histogram observes may be below 0, and its sum with it.
  const sum = typeof value === 'number' ? 0 : value.sum
  return Number.isFinite(sum) && counts.every((count) => Number.isFinite(count) && count >= 0)
}
