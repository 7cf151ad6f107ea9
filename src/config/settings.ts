import type * as z from 'zod'
import type { NETWORK_SETTINGS } from './network-settings.ts'
import type { Problem } from './problem.ts'
import type { NetworkKey, SettingKey, SETTINGS, SidecarKey } from './settings-table.ts'

/** What a row gives: a list, a value that is always there because it has a default, or perhaps none. */
type ValueOf<Row extends { schema: z.ZodType }> = Row extends { list: object; default: object }
  ? z.output<Row['schema']>[]
  : Row extends { list: object }
    ? z.output<Row['schema']>[] | undefined
    : Row extends { default: string }
      ? z.output<Row['schema']>
      : z.output<Row['schema']> | undefined

/** The settings of one network, by key. */
export type NetworkSettings = { [Key in NetworkKey]: ValueOf<(typeof NETWORK_SETTINGS)[Key]> }

/** The settings of the sidecar as a whole, by key. */
export type SidecarSettings = { [Key in SidecarKey]: ValueOf<(typeof SETTINGS)[Key]> }

/** Checked settings. */
export interface Settings {
  sidecar: SidecarSettings
  /** One to three. */
  networks: NetworkSettings[]
}

/**
 * Where a value was set: `--peers`, `LEANMESH_PEERS`, `leanmesh.yaml:12 peers[0]`, or `default`.
 *
 * @param network the index of the network, for a setting of a network
 * @param item the index in a list
 */
export type WhereSet = (key: SettingKey, network?: number, item?: number) => string

/** What the sources together say. With a problem in it the settings are only good for finding more problems. */
export interface LoadedSettings {
  settings: Settings
  whereSet: WhereSet
  problems: Problem[]
}
