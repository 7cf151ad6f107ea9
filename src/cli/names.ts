import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, LeanmeshError } from '../errors.ts'
import { openToOthersWarning } from '../genesis/identity-file.ts'
import { fileReason } from '../genesis/read-text-file.ts'
import { readValidatorNames } from '../genesis/validator-config.ts'
import { EXIT_OK } from './exit-codes.ts'
import { writeLine, writeWarnings, type CommandIo } from './io.ts'

export interface NamesOptions {
  /** The folder with `validator-config.yaml`. */
  genesis: string
  /** Where the table goes; standard output without it. */
  out?: string
}

/** Replaces the file in one step, because a sidecar may read it at this moment. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    const reason = fileReason(error)
      .replace('there is no such file', 'its folder does not exist')
      .replace('read', 'write')
    throw new LeanmeshError('ERR_FILE_UNWRITABLE', `cannot write ${errorText(path)}: ${reason}`, { cause: error })
  }
}

/** `leanmesh names`: writes the names table of a genesis folder: peer ids and names, nothing of the private keys. */
export async function namesCommand({ genesis, out }: NamesOptions, io: CommandIo): Promise<number> {
  const path = join(genesis, 'validator-config.yaml')
  const names = await readValidatorNames(path)
  const warning = await openToOthersWarning(path)
  writeWarnings(io, warning === undefined ? [] : [warning])
  const text = JSON.stringify(Object.fromEntries(names), undefined, 2)
  if (out === undefined) writeLine(io.stdout, text)
  else {
    await replaceFile(out, `${text}\n`)
    writeLine(io.stdout, `wrote ${names.size} names to ${out}`)
  }
  return EXIT_OK
}
