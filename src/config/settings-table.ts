import { NETWORK_SETTINGS } from './network-settings.ts'
import { OTLP_SETTINGS } from './otlp-settings.ts'
import { RESOURCE_SETTINGS } from './resource-settings.ts'
import type { Setting } from './setting.ts'
import { SIDECAR_SETTINGS } from './sidecar-settings.ts'
import { text } from './values.ts'

/** A network costs a process, and every series of its own is bounded by their number. */
export const MAX_CONFIGURED_NETWORKS = 3

/** What cannot stand in the YAML file itself. */
const START_SETTINGS = {
  config: {
    scope: 'start',
    group: 'Other',
    schema: text(),
    metavar: 'FILE',
    example: 'leanmesh.yaml',
    help: 'YAML file with settings; the other flags and the environment override it',
    expects: 'the path of a YAML file',
  },
} as const satisfies Record<string, Setting>

/** The table of settings: one row each, in the order of the help. The key is the path in YAML. */
export const SETTINGS = {
  ...NETWORK_SETTINGS,
  ...SIDECAR_SETTINGS,
  ...OTLP_SETTINGS,
  ...RESOURCE_SETTINGS,
  ...START_SETTINGS,
}

export type NetworkKey = keyof typeof NETWORK_SETTINGS
export type SidecarKey = keyof (typeof SIDECAR_SETTINGS & typeof OTLP_SETTINGS & typeof RESOURCE_SETTINGS)
export type SettingKey = keyof typeof SETTINGS

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key)
}

/** The row of a key, as any row. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS[key]
}

/** Every key of the table, or those of one scope. */
export function settingKeys(scope?: Setting['scope']): SettingKey[] {
  const keys = Object.keys(SETTINGS).filter(isSettingKey)
  return scope === undefined ? keys : keys.filter((key) => settingOf(key).scope === scope)
}
