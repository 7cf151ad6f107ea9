/** One counter's value since its swarm started. `metric` and the keys of `labels` are those of a catalogue row. */
export interface CounterTotal {
  metric: string
  labels: Record<string, string>
  value: number
}

function seriesKey(total: CounterTotal): string {
  const labels = Object.entries(total.labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([total.metric, labels])
}

/** `base` plus `added`, series by series. Carries the totals of swarms that died, so that no counter goes back. */
export function addTotals(base: readonly CounterTotal[], added: readonly CounterTotal[]): CounterTotal[] {
  const sums = new Map<string, CounterTotal>()
  for (const total of [...base, ...added]) {
    const key = seriesKey(total)
    const value = (sums.get(key)?.value ?? 0) + total.value
    sums.set(key, { ...total, value })
  }
  return [...sums.values()]
}
