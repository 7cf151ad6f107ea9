import * as z from 'zod'
import { errorText } from '../errors.ts'
import { MAX_NAME_LENGTH, MAX_NAMES, NAME_PATTERN, type Names } from '../mesh/names.ts'
import { identityOfKey } from './identity.ts'
import { readTextFile } from './read-text-file.ts'
import { FileError, parseYaml } from './yaml-document.ts'

/** Messages of this schema never show a value: a value may be a private key. */
const schema = z.object({
  validators: z
    .array(
      z.object({
        name: z
          .string('has no name')
          .regex(NAME_PATTERN, 'must be <client>_<N> in lower case, for example zeam_0')
          .max(MAX_NAME_LENGTH, `is longer than ${MAX_NAME_LENGTH} characters`),
        privkey: z
          .string('is missing')
          .regex(/^(?:0x)?[0-9a-f]{64}$/i, 'must be 64 hex digits')
          .transform((key) => key.replace(/^0x/i, '')),
      }),
      'must be a list of nodes with name and privkey',
    )
    .max(MAX_NAMES, `has more than ${MAX_NAMES} nodes`),
})

function duplicateProblems(names: readonly { peerId: string; name: string }[], path: string): string[] {
  const seenNames = new Map<string, number>()
  const seenPeers = new Map<string, string>()
  return names.flatMap(({ peerId, name }, index) => {
    const problems: string[] = []
    const sameName = seenNames.get(name)
    if (sameName !== undefined)
      problems.push(`${path}: validators.${index}.name "${name}" is also the name of validators.${sameName}`)
    const samePeer = seenPeers.get(peerId)
    if (samePeer !== undefined)
      problems.push(`${path}: "${samePeer}" and "${name}" have one private key, so one peer id`)
    seenNames.set(name, index)
    seenPeers.set(peerId, name)
    return problems
  })
}

/**
 * Peer id to name of every node of a `validator-config.yaml`, in the order of the file. The file holds private keys:
 * only `leanmesh names` reads it, and nothing of the keys leaves this function but the peer ids.
 *
 * @throws FileError
 */
export function parseValidatorNames(text: string, path: string): Names {
  const shown = errorText(path)
  const result = schema.safeParse(parseYaml(text, path).content())
  if (!result.success) {
    throw new FileError(
      result.error.issues
        .slice(0, 10)
        .map(({ path: key, message }) => `${shown}: ${key.join('.') || 'the file'} ${message}`),
    )
  }
  const rows: { peerId: string; name: string }[] = []
  const problems: string[] = []
  for (const [index, { name, privkey }] of result.data.validators.entries()) {
    try {
      rows.push({ peerId: identityOfKey(privkey).peerId, name })
    } catch (error) {
      problems.push(`${shown}: validators.${index}.privkey of ${name}: ${errorText(error)}`)
    }
  }
  problems.push(...duplicateProblems(rows, shown))
  if (problems.length > 0) throw new FileError(problems)
  return new Map(rows.map(({ peerId, name }) => [peerId, name]))
}

export async function readValidatorNames(path: string): Promise<Names> {
  return parseValidatorNames(await readTextFile(path, 4 * 1024 * 1024), path)
}
