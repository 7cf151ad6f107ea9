import { join } from 'node:path'
import type { FlagTexts } from '../../src/config/flag-layer.ts'
import { loadSettings } from '../../src/config/load-settings.ts'
import { problemText } from '../../src/config/problem.ts'
import type { LoadedSettings } from '../../src/config/settings.ts'
import type { SettingKey } from '../../src/config/settings-table.ts'
import { readTextFile } from '../../src/genesis/read-text-file.ts'

/** The path of a fixture. */
export function fixture(...path: string[]): string {
  return join(import.meta.dirname, '..', 'fixtures', ...path)
}

export interface TestSources {
  /** The name of a file in `fixtures/config`. */
  config?: string
  /** A YAML text instead of a file; it is called `leanmesh.yaml`. */
  yaml?: string
  flags?: Partial<Record<SettingKey, string[]>>
  env?: Record<string, string>
}

/** Loads settings from whatever a test has. */
export async function load({ config, yaml, flags = {}, env = {} }: TestSources): Promise<LoadedSettings> {
  const texts = new Map(Object.entries(flags)) as Map<SettingKey, string[]>
  if (yaml !== undefined) texts.set('config', ['leanmesh.yaml'])
  else if (config !== undefined) texts.set('config', [fixture('config', config)])
  const read = yaml === undefined ? readTextFile : () => Promise.resolve(yaml)
  return loadSettings({ flags: texts satisfies FlagTexts, env }, { readTextFile: read })
}

/** The problems as they are shown, with the path of the fixtures left out. */
export function problemTexts({ problems }: LoadedSettings): string[] {
  return problems.map((problem) => problemText(problem).replaceAll(`${fixture('config')}/`, ''))
}
