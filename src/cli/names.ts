import { join } from 'node:path'
import { openToOthersWarnings } from '../genesis/identity-file.ts'
import { readValidatorNames } from '../genesis/validator-config.ts'
import { count } from '../verdict/cause.ts'
import { EXIT_OK } from './exit-codes.ts'
import { writeLine, writeWarnings, type CommandIo } from './io.ts'
import { replaceNamesFile } from './replace-names-file.ts'

export interface NamesOptions {
  /** The folder with `validator-config.yaml`. */
  genesis: string
  /** Where the table goes; standard output without it. */
  out?: string
}

/** `leanmesh names`: writes the names table of a genesis folder: peer ids and names, nothing of the private keys. */
export async function namesCommand({ genesis, out }: NamesOptions, io: CommandIo): Promise<number> {
  const path = join(genesis, 'validator-config.yaml')
  const names = await readValidatorNames(path)
  const warnings = await openToOthersWarnings(path)
  const noneFound = names.size === 0 ? [`no validators found in ${path}`] : []
  writeWarnings(io, [...warnings, ...noneFound])
  const text = JSON.stringify(Object.fromEntries(names), undefined, 2)
  if (out === undefined) writeLine(io.stdout, text)
  else {
    await replaceNamesFile(out, `${text}\n`)
    writeLine(io.stdout, `wrote ${count(names.size, 'name')} to ${out}`)
  }
  return EXIT_OK
}
