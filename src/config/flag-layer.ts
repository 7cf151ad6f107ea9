import { listItems, type Layer, type Raw } from './layer.ts'
import { flagOf } from './setting.ts'
import { settingOf, type SettingKey } from './settings-table.ts'

/** The texts given to each flag, in their order, by the setting's key. */
export type FlagTexts = ReadonlyMap<SettingKey, readonly string[]>

/** A flag given twice adds to a list; of any other setting the last one counts. */
export function flagLayer(flags: FlagTexts): Layer {
  const layer = new Map<SettingKey, Raw>()
  for (const [key, texts] of flags) {
    const setting = settingOf(key)
    const where = flagOf(key, setting)
    const items = setting.list === undefined ? [{ text: texts.at(-1) ?? '', where }] : listItems(texts, where)
    layer.set(key, { where, items })
  }
  return layer
}
