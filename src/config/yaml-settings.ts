import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml'
import { errorText, quoted } from '../errors.ts'
import type { Layer, Raw, RawItem } from './layer.ts'
import type { Problem } from './problem.ts'
import type { Scope } from './setting.ts'
import { isSettingKey, MAX_CONFIGURED_NETWORKS, settingKeys, settingOf, type SettingKey } from './settings-table.ts'
import { suggestion } from './suggestion.ts'

/** What a YAML file says, not yet checked. */
export interface YamlSettings {
  global: Layer
  /** One layer for each item of `networks`; absent where the file has no such key. */
  networks?: Layer[]
  problems: Problem[]
}

interface Reading {
  document: Document
  lines: LineCounter
  file: string
  problems: Problem[]
}

/** Of a key that nobody meant, as much as tells which it is. */
const SHOWN_PATH_LENGTH = 120

/** A mapping being read: which settings it may hold, and its path for people. */
interface Place {
  scope: Scope
  /** Before the keys, in the words of the file: `networks[1].`, or nothing. */
  path: string
  /** Before the keys, in the words of the table: `quic.`, or nothing. */
  prefix: string
}

function at(reading: Reading, node: unknown, path: string): string {
  const offset = (node as Node | null)?.range?.[0]
  const line = offset === undefined ? '' : `:${reading.lines.linePos(offset).line}`
  return `${reading.file}${line} ${errorText(path, SHOWN_PATH_LENGTH)}`.trim()
}

function resolved(reading: Reading, node: unknown): unknown {
  return isAlias(node) ? node.resolve(reading.document) : node
}

function readItem(reading: Reading, node: unknown, path: string): RawItem | undefined {
  const scalar = resolved(reading, node)
  if (isScalar(scalar) && typeof scalar.value === 'string')
    return { text: scalar.value, where: at(reading, node, path) }
  return undefined
}

function readRaw(reading: Reading, key: SettingKey, node: unknown, path: string): Raw | undefined {
  const { list, expects, example } = settingOf(key)
  const where = at(reading, node, path)
  const refuse = (wrong: string) =>
    void reading.problems.push({ setting: key, where, wrong, right: `Use ${expects}, for example ${example}.` })
  const value = resolved(reading, node)
  if (isSeq(value) && list !== undefined) {
    const items = value.items.map((item, index) => readItem(reading, item, `${path}[${index}]`))
    const texts = items.filter((item) => item !== undefined && item.text !== '')
    if (texts.length === items.length) return { where, items: texts as RawItem[] }
    return refuse('an item of the list is not a text')
  }
  const item = readItem(reading, value, path)
  if (item?.text === '') return refuse('it has no value')
  if (item === undefined)
    return refuse(list === undefined ? 'it is not a single value' : 'it is neither a list nor a text')
  const texts = list === undefined ? [item.text] : item.text.split(',').map((text) => text.trim())
  return { where, items: texts.map((text) => ({ text, where })) }
}

/** The scope of the setting with this key, or of the settings under it. */
function scopeOf(key: string): Scope | undefined {
  const found = settingKeys().find((candidate) => candidate === key || candidate.startsWith(`${key}.`))
  return found === undefined ? undefined : settingOf(found).scope
}

function unknownKeyProblem(key: string, where: string, { scope, path }: Place): Problem {
  const setting = quoted(`${path}${key}`).slice(1, -1)
  const actual = scopeOf(key)
  if (actual === 'network') {
    const right = `Put it into an item of networks: "networks: [{ ${key}: … }]".`
    return { setting, where, wrong: 'it belongs to a network', right }
  }
  if (actual === 'global') {
    return { setting, where, wrong: 'it belongs to the sidecar as a whole', right: 'Put it at the top of the file.' }
  }
  if (actual === 'start') {
    return { setting, where, wrong: 'a settings file cannot name another one', right: 'Remove it; use one file.' }
  }
  const known = [...settingKeys(scope), ...(scope === 'global' ? ['networks'] : [])]
  return {
    setting,
    where,
    wrong: 'no setting has this key',
    right: `Remove it or correct it.${suggestion(key, known)}`,
  }
}

function readNested(reading: Reading, node: unknown, place: Place, layer: Map<SettingKey, Raw>, where: string): void {
  const value = resolved(reading, node)
  if (isMap(value)) return readMap(reading, value, place, layer)
  const keys = settingKeys(place.scope).filter((key) => key.startsWith(place.prefix))
  const right = `Give it keys of its own: ${keys.map((key) => key.slice(place.prefix.length)).join(', ')}.`
  reading.problems.push({ setting: place.prefix.slice(0, -1), where, wrong: 'it is not a mapping', right })
}

/** Reads one mapping into `layer`. Its depth is that of the table, whatever aliases the file has. */
function readMap(reading: Reading, map: YAMLMap, place: Place, layer: Map<SettingKey, Raw>): void {
  const seen = new Map<string, string>()
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : '?'
    const key = `${place.prefix}${name}`
    const path = `${place.path}${key}`
    const where = at(reading, pair.key, path)
    const first = seen.get(name)
    seen.set(name, where)
    if (first !== undefined) {
      reading.problems.push({
        setting: path,
        where,
        wrong: `it was already set at ${first}`,
        right: 'Remove one of the two.',
      })
    } else if (isSettingKey(key) && settingOf(key).scope === place.scope) {
      const raw = readRaw(reading, key, pair.value, path)
      if (raw !== undefined) layer.set(key, raw)
    } else if (settingKeys(place.scope).some((candidate) => candidate.startsWith(`${key}.`))) {
      readNested(reading, pair.value, { ...place, prefix: `${key}.` }, layer, where)
    } else if (path !== 'networks') {
      reading.problems.push(unknownKeyProblem(key, where, place))
    }
  }
}

function readNetworks(reading: Reading, node: unknown): Layer[] {
  const value = resolved(reading, node)
  const where = at(reading, node, 'networks')
  const refuse = (wrong: string, right: string): Layer[] => {
    reading.problems.push({ setting: 'networks', where, wrong, right })
    return []
  }
  if (!isSeq(value) || value.items.length === 0) {
    return refuse('it is not a list of networks', `List 1 to ${MAX_CONFIGURED_NETWORKS} networks, or leave it out.`)
  }
  if (value.items.length > MAX_CONFIGURED_NETWORKS) {
    return refuse(
      `it lists ${value.items.length} networks, and the limit is ${MAX_CONFIGURED_NETWORKS}`,
      `Keep at most ${MAX_CONFIGURED_NETWORKS}, and run another sidecar for the others.`,
    )
  }
  return value.items.map((item, index) => {
    const layer = new Map<SettingKey, Raw>()
    const network = resolved(reading, item)
    if (isMap(network)) readMap(reading, network, { scope: 'network', path: `networks[${index}].`, prefix: '' }, layer)
    else refuse(`its item ${index} is not a mapping`, 'Give each network keys, for example "- name: devnet-4".')
    return layer
  })
}

/** The parser's own sentences show pieces of the file, which may be a header's secret. */
function kindOf({ code }: { code: string }): string {
  return code.toLowerCase().replaceAll('_', ' ')
}

function syntaxProblems(reading: Reading): Problem[] {
  const { document, lines, file } = reading
  // The parser ran out of stack; what it says after that is of its own making.
  const tooDeep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  const marks = tooDeep ? [tooDeep] : [...document.errors, ...document.warnings].slice(0, 5)
  return marks.map((error) => ({
    setting: 'config',
    where: `${file}:${lines.linePos(error.pos[0]).line}`,
    wrong: `the file is not well-formed YAML: ${error === tooDeep ? 'it is nested too deeply' : kindOf(error)}`,
    right: 'Correct the line; a value with ": ", "#" or brackets needs quotes.',
  }))
}

/** Reads the text of a settings file. Never throws: what is wrong is in `problems`, with its line. */
export function readYamlSettings(text: string, file: string): YamlSettings {
  const lines = new LineCounter()
  // Without implicit types every value is a text, and is read in the way of flags and variables.
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  })
  const reading: Reading = { document, lines, file, problems: [] }
  const global = new Map<SettingKey, Raw>()
  reading.problems.push(...syntaxProblems(reading))
  if (reading.problems.length > 0) return { global, problems: reading.problems }
  const { contents } = document
  if (!isMap(contents)) {
    const wrong = contents === null ? 'the file is empty' : 'the file is not a mapping of settings'
    const right = 'Write at least one setting, for example "http: { port: 9464 }", or leave the file out.'
    return { global, problems: [{ setting: 'config', where: file, wrong, right }] }
  }
  readMap(reading, contents, { scope: 'global', path: '', prefix: '' }, global)
  const networks = contents.items.find(({ key }) => isScalar(key) && key.value === 'networks')
  if (networks === undefined) return { global, problems: reading.problems }
  return { global, networks: readNetworks(reading, networks.value), problems: reading.problems }
}
