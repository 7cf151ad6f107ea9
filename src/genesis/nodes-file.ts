import { isScalar, isSeq } from 'yaml'
import { errorText } from '../errors.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { enrPeer } from './enr.ts'
import { readTextFile } from './read-text-file.ts'
import { FileError, parseYaml } from './yaml-document.ts'

/** Above this a list of nodes is a mistake, and the redialer's work is no longer small. */
const MAX_NODES = 1_000

/**
 * The peers of a `nodes.yaml`: a YAML list of ENRs.
 *
 * @throws FileError with every entry that is wrong
 */
export function parseNodes(text: string, path: string): PeerTarget[] {
  const yaml = parseYaml(text, path)
  const list = yaml.document.contents
  if (!isSeq(list)) throw new FileError([`${yaml.at(list)}: nodes.yaml must be a list of ENRs, one "- enr:-…" a line`])
  if (list.items.length > MAX_NODES)
    throw new FileError([`${errorText(path)}: ${list.items.length} nodes are more than the limit of ${MAX_NODES}`])
  const peers: PeerTarget[] = []
  const problems: string[] = []
  for (const item of list.items) {
    try {
      if (!isScalar(item)) throw new Error('this entry is not an ENR; write it as "- enr:-…"')
      peers.push(enrPeer(String(item.value).trim()))
    } catch (error) {
      problems.push(`${yaml.at(item)}: ${errorText(error)}`)
    }
  }
  if (problems.length > 0) throw new FileError(problems)
  return peers
}

export async function readNodes(path: string): Promise<PeerTarget[]> {
  return parseNodes(await readTextFile(path), path)
}
