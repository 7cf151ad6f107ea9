import { isMap, isScalar, isSeq, type Pair } from 'yaml'
import { quoted } from '../errors.ts'
import type { YamlDocument } from '../genesis/yaml-document.ts'

/** A file that is being read, and what was found wrong with it: `<path>:<line>: <what is wrong>; <what would be right>`. */
export interface Source {
  yaml: YamlDocument
  problems: string[]
}

/** The fields of one mapping, each by its key. What is absent, or there without a value, is `undefined` or empty. */
export interface Fields {
  has(key: string): boolean
  text(key: string): string | undefined
  flag(key: string): boolean | undefined
  list(key: string): string[]
  /** Every field of a mapping whose keys are free, in order. */
  texts(): [key: string, value: string][]
  section(key: string, known?: readonly string[]): Fields | undefined
  /** `<path>:<line>` of the field. */
  at(key: string): string
  /** Notes that the field is wrong. */
  refuse(key: string, problem: string): void
}

/** What a field, a name or a choice looks like. A hash or a key that slipped into its place does not. */
const WORD = /^[\w.,:@+ -]{0,48}$/

/** A text of the file, for a message: in quotes when it looks like what belongs there. */
export function shown(text: string): string {
  return WORD.test(text) ? quoted(text) : `a text of ${text.length} characters`
}

const wordOf = (key: string): string => (WORD.test(key) ? key : `<${shown(key)}>`)
const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')
const isAbsent = (node: unknown): boolean =>
  node === undefined || node === null || (isScalar(node) && node.value === '')

/**
 * The fields of a node that is to be a mapping.
 *
 * @param name where it stands, such as `tls_server_config`; empty for the file itself
 * @param known the keys that it may have; absent: any
 */
export function fieldsOf(node: unknown, source: Source, name = '', known?: readonly string[]): Fields {
  const { yaml, problems } = source
  const pathOf = (key: string) => (name === '' ? wordOf(key) : `${name}.${wordOf(key)}`)
  const nodes = new Map<string, unknown>()
  const refuseNode = (at: unknown, problem: string) => void problems.push(`${yaml.at(at)}: ${problem}`)
  if (isMap(node)) addFields(node.items)
  else refuseNode(node, `${name === '' ? 'the file' : name} is not a mapping; write it as "<key>: <value>" lines`)

  function addFields(pairs: readonly Pair[]): void {
    for (const pair of pairs) {
      const key = keyOf(pair)
      if (nodes.has(key)) refuseNode(pair.key, `"${pathOf(key)}" stands there twice; keep one of the two`)
      else if (known?.includes(key) === false)
        refuseNode(pair.key, `there is no field "${pathOf(key)}"; use ${known.join(', ')}`)
      nodes.set(key, pair.value)
    }
  }

  const nodeOf = (key: string) => nodes.get(key) ?? node
  const refuse = (key: string, problem: string) => refuseNode(nodeOf(key), `${pathOf(key)} ${problem}`)
  const text = (key: string): string | undefined => {
    const value = nodes.get(key)
    if (isAbsent(value)) return undefined
    if (isScalar(value)) return String(value.value)
    refuse(key, 'is not a text; write one value after its colon')
    return undefined
  }
  return {
    has: (key) => nodes.has(key),
    text,
    at: (key) => yaml.at(nodeOf(key)),
    refuse,
    flag(key) {
      const value = text(key)
      if (value !== undefined && value !== 'true' && value !== 'false')
        refuse(key, 'is not true or false; use one of them')
      return value === undefined ? undefined : value === 'true'
    },
    list(key) {
      const value = nodes.get(key)
      if (isAbsent(value)) return []
      if (isSeq(value) && value.items.every((item) => isScalar(item)))
        return value.items.map(({ value }) => String(value))
      refuse(key, 'is not a list of texts; write it as [a, b]')
      return []
    },
    texts: () => [...nodes.keys()].map((key) => [key, text(key) ?? '']),
    section: (key, keys) =>
      isAbsent(nodes.get(key)) ? undefined : fieldsOf(nodes.get(key), source, pathOf(key), keys),
  }
}
