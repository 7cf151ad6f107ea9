import type { SettingKey } from './settings-table.ts'

/** A text and where it was written. */
export interface RawItem {
  text: string
  where: string
}

/** What one source says of one setting, not yet checked. A setting that is no list has one item. */
export interface Raw {
  where: string
  items: RawItem[]
}

/** What one source says: the environment, the flags, a network of the YAML file. */
export type Layer = ReadonlyMap<SettingKey, Raw>

/** Splits the comma separated texts of a list. Each item keeps the place of the text that it was in. */
export function listItems(texts: readonly string[], where: string): RawItem[] {
  const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim())
  return parts.filter((part) => part !== '').map((text) => ({ text, where }))
}
