import type { CounterTotal } from '../mesh/totals.ts'

/** The swarm's counters, each a total since its start. */
export interface Counters {
  increment(metric: CounterName, labels: Record<string, string>): void
  totals(): CounterTotal[]
}

/** Every series of the swarm's counters: each exists from the start with 0, so that a first event is an increase. */
const SERIES = {
  leanmesh_gossip_messages_total: crossed('topic_kind', ['block', 'aggregation', 'attestation', 'other'], 'result', [
    'accepted',
    'undecodable',
    'oversized',
    'over_budget',
    'unsubscribed',
  ]),
  leanmesh_dials_total: labelled('result', ['success', 'failure']),
  leanmesh_watchdog_reconnects_total: labelled('reason', [
    'stream_lost',
    'no_stream',
    'no_subscriptions',
    'superseded',
  ]),
  leanmesh_slow_peers_total: [{}],
  leanmesh_status_requests_total: labelled('result', ['answered', 'invalid']),
}

export type CounterName = keyof typeof SERIES

function labelled(key: string, values: string[]): Record<string, string>[] {
  return values.map((value) => ({ [key]: value }))
}

function crossed(keyA: string, valuesA: string[], keyB: string, valuesB: string[]): Record<string, string>[] {
  return valuesA.flatMap((a) => valuesB.map((b) => ({ [keyA]: a, [keyB]: b })))
}

export function createCounters(): Counters {
  const totals: CounterTotal[] = Object.entries(SERIES).flatMap(([metric, series]) =>
    series.map((labels) => ({ metric, labels, value: 0 })),
  )
  const index = new Map(totals.map((total) => [seriesKey(total.metric, total.labels), total]))
  return {
    increment(metric, labels) {
      const total = index.get(seriesKey(metric, labels))
      if (total) total.value += 1
    },
    totals: () => totals.map((total) => ({ ...total })),
  }
}

function seriesKey(metric: string, labels: Record<string, string>): string {
  return `${metric} ${Object.values(labels).join(' ')}`
}
