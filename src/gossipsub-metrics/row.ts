/**
 * The values of a label: a closed set; `topic`, the label that `topicStrToLabel` gave; `topic or none`, the same where a
 * series may be without it; `topic string`, a whole topic, which becomes its label.
 */
export type LabelValues = readonly string[] | 'topic' | 'topic or none' | 'topic string'

/** One metric of js gossipsub: what it calls it, and what it is. */
export interface GossipsubRow {
  /** Of an `avg_min_max` the beginning of three names, which end in `_avg`, `_min` and `_max`. */
  readonly name: string
  /** gossipsub's own name. */
  readonly upstream: string
  /** gossipsub itself calls counters gauges. */
  readonly kind: 'counter' | 'gauge' | 'histogram' | 'avg_min_max'
  readonly help: string
  /** By gossipsub's own key. */
  readonly labels: Readonly<Record<string, LabelValues>>
  /** Upper bounds of a histogram, without +Inf, as gossipsub has them with the swarm's options. */
  readonly buckets?: readonly number[]
}

type Labels = GossipsubRow['labels']

export function counter(name: string, help: string, labels: Labels = {}, upstream = name): GossipsubRow {
  return { name, upstream, kind: 'counter', help, labels }
}

export function gauge(name: string, help: string, labels: Labels = {}, upstream = name): GossipsubRow {
  return { name, upstream, kind: 'gauge', help, labels }
}

export function avgMinMax(name: string, help: string, labels: Labels = {}): GossipsubRow {
  return { name, upstream: name, kind: 'avg_min_max', help, labels }
}

interface HistogramDetails {
  labels?: Labels
  upstream?: string
}

export function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  { labels = {}, upstream = name }: HistogramDetails = {},
): GossipsubRow {
  return { name, upstream, kind: 'histogram', help, labels, buckets }
}
