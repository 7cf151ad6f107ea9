import { quoted } from '../errors.ts'
import type { Raw } from './layer.ts'
import type { Problem } from './problem.ts'
import { settingOf, type SettingKey } from './settings-table.ts'

/** What a wrong value should have been, the same for every source. */
export function rightValue(key: SettingKey): string {
  const { expects, example } = settingOf(key)
  return `Use ${expects}${expects.includes(example) ? '' : `, for example ${example}`}.`
}

/** Checks what a source says of a setting. Reports every wrong item and leaves it out: a list has the others then. */
export function checkValue(key: SettingKey, raw: Raw, report: (problem: Problem) => void): unknown {
  const { schema, list, redact = (text: string) => text } = settingOf(key)
  const values: unknown[] = []
  for (const { text, where } of raw.items) {
    const result = schema.safeParse(text)
    if (result.success) values.push(result.data)
    else {
      const wrong = `${quoted(redact(text))} ${result.error.issues[0]?.message ?? 'is wrong'}`
      report({ setting: key, where, wrong, right: rightValue(key) })
    }
  }
  if (list === undefined) return values[0]
  const [few, many] = [raw.items.length < list.min, raw.items.length > list.max]
  if (few || many) {
    const wrong = `it has ${raw.items.length} items, and the ${few ? 'least' : 'most'} is ${few ? list.min : list.max}`
    report({ setting: key, where: raw.where, wrong, right: rightValue(key) })
  }
  return values
}
