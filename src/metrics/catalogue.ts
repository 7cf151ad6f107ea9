import { COMMITTEE_ROWS } from './committee-rows.ts'
import { COMPANION_ROWS } from './companion-rows.ts'
import { HEAD_ROWS } from './head-rows.ts'
import { LEAN_ROWS } from './lean-rows.ts'
import { MESH_ROWS } from './mesh-rows.ts'
import { MESSAGE_ROWS } from './message-rows.ts'
import type { MetricRow } from './metric-row.ts'
import { NETWORK_ROWS } from './network-rows.ts'
import { NODE_ROWS } from './node-rows.ts'
import { SIDECAR_ROWS } from './sidecar-rows.ts'

/** Every metric, one row each: what there is no row of is not exported. */
export const CATALOGUE = [
  ...LEAN_ROWS,
  ...COMMITTEE_ROWS,
  ...NODE_ROWS,
  ...NETWORK_ROWS,
  ...MESH_ROWS,
  ...COMPANION_ROWS,
  ...MESSAGE_ROWS,
  ...HEAD_ROWS,
  ...SIDECAR_ROWS,
] as const

type Row = (typeof CATALOGUE)[number]
export type MetricName = Row['name']
type RowOf<N extends MetricName> = Extract<Row, { name: N }>
type ValueOf<V> = V extends readonly (infer T)[] ? T : string
type OptionalKey<L> = { [K in keyof L]: L[K] extends 'optional' ? K : never }[keyof L]

/** The labels of one metric, as its row declares them. */
export type LabelsOf<N extends MetricName> = RowOf<N>['labels'] extends infer L
  ? { [K in Exclude<keyof L, OptionalKey<L>>]: ValueOf<L[K]> } & { [K in OptionalKey<L>]?: string }
  : never

const ROWS: ReadonlyMap<string, MetricRow> = new Map(CATALOGUE.map((row) => [row.name, row]))

/** The row of a metric; `undefined` when there is none of that name. */
export function metricRow(name: string): MetricRow | undefined {
  return ROWS.get(name)
}
