import { isMap, isScalar, type Pair } from 'yaml'
import { errorText, quoted } from '../errors.ts'
import { MAX_NAME_LENGTH, MAX_NAMES, NAME_PATTERN, type Names, NO_NAMES } from '../mesh/names.ts'
import { canonicalPeerId } from './multiaddr-peer.ts'
import { readTextFile } from './read-text-file.ts'
import { FileError, parseYaml, type YamlDocument } from './yaml-document.ts'

interface Row {
  peerId: string
  name: string
  where: string
}

function readRow({ key, value }: Pair, yaml: YamlDocument, known: Names): Row | string[] {
  const where = yaml.at(key)
  const id = isScalar(key) ? String(key.value) : ''
  const name = isScalar(value) ? String(value.value) : ''
  const peerId = known.has(id) ? id : canonicalPeerId(id)
  const problems: string[] = []
  if (peerId === undefined) problems.push(`${where}: ${quoted(id)} is not a peer id; a peer id looks like 16Uiu2HA…`)
  if (!NAME_PATTERN.test(name)) {
    problems.push(`${where}: ${quoted(name)} is not a name; use <client>_<N> in lower case, for example zeam_0`)
  } else if (name.length > MAX_NAME_LENGTH) {
    problems.push(`${where}: ${quoted(name)} has ${name.length} characters; a name has at most ${MAX_NAME_LENGTH}`)
  }
  return peerId === undefined || problems.length > 0 ? problems : { peerId, name, where }
}

function duplicateProblems(rows: readonly Row[]): string[] {
  const byPeer = new Map<string, Row>()
  const byName = new Map<string, Row>()
  return rows.flatMap((row) => {
    const { peerId, name, where } = row
    const samePeer = byPeer.get(peerId)
    const sameName = byName.get(name)
    byPeer.set(peerId, samePeer ?? row)
    byName.set(name, sameName ?? row)
    if (samePeer !== undefined) {
      return [
        `${where}: ${peerId} has two names, "${samePeer.name}" (${samePeer.where}) and "${name}"; keep one of the two`,
      ]
    }
    if (sameName === undefined) return []
    return [
      `${where}: "${name}" is the name of two peers, ${sameName.peerId} (${sameName.where}) and ${peerId}; give each a name of its own`,
    ]
  })
}

/**
 * Reads a names table, JSON or YAML: an object from peer id to `<client>_<N>`. The YAML parser reads JSON too, and
 * unlike `JSON.parse` it shows a key that stands there twice.
 *
 * @param known a table that was read before: its peer ids are not checked again. Half a millisecond each, they are nearly all the work
 * @throws FileError with every entry that is wrong
 */
export function parseNames(text: string, path: string, known: Names = NO_NAMES): Names {
  const yaml = parseYaml(text, path)
  const { contents } = yaml.document
  if (!isMap(contents))
    throw new FileError([`${yaml.at(contents)}: a names file is an object {"<peer id>": "<client>_<N>"}`])
  if (contents.items.length > MAX_NAMES) {
    throw new FileError([`${errorText(path)}: ${contents.items.length} names are more than the limit of ${MAX_NAMES}`])
  }
  const results = contents.items.map((pair) => readRow(pair, yaml, known))
  const rows = results.filter((result): result is Row => !Array.isArray(result))
  const problems = [
    ...results.filter((result): result is string[] => Array.isArray(result)).flat(),
    ...duplicateProblems(rows),
  ]
  if (problems.length > 0) throw new FileError(problems)
  return new Map(rows.map(({ peerId, name }) => [peerId, name]))
}

export async function readNames(path: string, known: Names = NO_NAMES): Promise<Names> {
  return parseNames(await readTextFile(path), path, known)
}
