import * as z from 'zod'
import type { Setting } from '../src/config/setting.ts'
import { MAX_CONFIGURED_NETWORKS, settingKeys, settingOf, type SettingKey } from '../src/config/settings-table.ts'

interface ObjectSchema {
  type: 'object'
  additionalProperties: false
  properties: Record<string, unknown>
}

function emptyObject(): ObjectSchema {
  return { type: 'object', additionalProperties: false, properties: {} }
}

/** What an editor sees of one value: numbers where the settings give numbers, otherwise the text. */
function valueSchema({ schema, default: value, bare }: Setting): Record<string, unknown> {
  if (bare !== undefined) return { type: 'boolean' }
  const output = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })
  const { $schema: _, ...json } = output.type === 'integer' ? output : z.toJSONSchema(schema, { io: 'input' })
  // YAML reads `fork_digest: 12345678` as a number; leanmesh takes the digits as they stand.
  const isDigits = typeof value === 'string' && /^\d+$/.test(value) && json.type === 'string'
  return isDigits ? { anyOf: [json, { type: 'integer' }] } : json
}

function propertySchema(setting: Setting): Record<string, unknown> {
  const { list, help, example } = setting
  const value = valueSchema(setting)
  const sample = ['integer', 'boolean'].includes(String(value['type'])) ? (JSON.parse(example) as unknown) : example
  const described = { description: `${help}.`, examples: list === undefined ? [sample] : [[sample]] }
  if (list === undefined) return { ...described, ...value }
  return { ...described, type: 'array', items: value, minItems: list.min, maxItems: list.max }
}

/** Puts `http.port` where YAML has it: into the object of `http`. */
function place(object: ObjectSchema, key: SettingKey): void {
  const path = key.split('.')
  const name = path.pop() ?? key
  let parent = object
  for (const part of path) parent = (parent.properties[part] ??= emptyObject()) as ObjectSchema
  parent.properties[name] = propertySchema(settingOf(key))
}

/** The text of `docs/settings.schema.json`. */
export function settingsSchema(): string {
  const root = emptyObject()
  for (const key of settingKeys('global')) place(root, key)
  const network = emptyObject()
  for (const key of settingKeys('network')) place(network, key)
  root.properties['networks'] = { type: 'array', minItems: 1, maxItems: MAX_CONFIGURED_NETWORKS, items: network }
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'leanmesh settings' }
  return JSON.stringify({ ...head, ...root })
}
