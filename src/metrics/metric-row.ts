/**
 * A closed set of values; or `open` (bounded by settings); or `optional` (open, and absent from some series); or `client`
 * (the names of the names table, and `unknown`); or `name` (those names alone); or `topic` (the configured topics of the
 * network); or `version` (the one that runs).
 */
export type LabelValues = readonly string[] | 'open' | 'optional' | 'client' | 'name' | 'topic' | 'version'

/** What instruments and totals are made from. */
export type ExportedRow = Pick<MetricRow, 'name' | 'kind' | 'help' | 'buckets'>

/** One metric. Instruments, totals, validation, `docs/metrics.md` and the golden scrape derive from these rows. */
export interface MetricRow {
  readonly name: string
  readonly kind: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, LabelValues>>
  /** Upper bounds of a histogram, without +Inf. */
  readonly buckets?: readonly number[]
  /** What the number means, given that an observer beside the client measured it. */
  readonly meaning: string
  /**
   * `swarm`: the swarm counts it, and its totals travel in the snapshots; leanmesh adds `network_id` where the row has it, and
   * sums over the networks where it has not.
   */
  readonly origin?: 'swarm'
}
