import { Option, type Command } from 'commander'
import type { FlagTexts } from '../config/flag-layer.ts'
import { envOf, flagOf, type Setting } from '../config/setting.ts'
import { settingKeys, settingOf, type SettingKey } from '../config/settings-table.ts'

function defaultText({ default: value, defaultNote }: Setting): string {
  if (defaultNote !== undefined) return `, default: ${defaultNote}`
  if (value === undefined || value.length === 0) return ''
  return `, default: ${typeof value === 'string' ? value : value.join(',')}`
}

function description(key: SettingKey, setting: Setting): string {
  const many = setting.list === undefined ? '' : ' (repeatable, or separated by commas)'
  return `${setting.help}${many}\n[${envOf(key, setting)}${defaultText(setting)}]`
}

/** Adds a flag for every row of the table, or for some. Values stay texts; the settings check them, with those of other sources. */
export function addSettingsOptions(command: Command, keys: readonly SettingKey[] = settingKeys()): Command {
  for (const key of keys) {
    const setting = settingOf(key)
    const value = setting.bare === undefined ? `<${setting.metavar}>` : `[${setting.metavar}]`
    const option = new Option(`${flagOf(key, setting)} ${value}`, description(key, setting))
    if (setting.bare !== undefined) option.preset(setting.bare)
    option.helpGroup(`${setting.group}:`)
    option.argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text])
    command.addOption(option)
  }
  return command
}

/** The texts that were given to the flags of a command. */
export function flagTexts(command: Command): FlagTexts {
  const texts = new Map<SettingKey, readonly string[]>()
  for (const key of settingKeys()) {
    const option = command.options.find(({ long }) => long === flagOf(key, settingOf(key)))
    const given: unknown = option === undefined ? undefined : command.getOptionValue(option.attributeName())
    if (Array.isArray(given)) texts.set(key, given as string[])
  }
  return texts
}
