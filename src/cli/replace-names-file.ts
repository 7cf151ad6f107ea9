import { rename, rm, writeFile } from 'node:fs/promises'
import { errorText, LeanmeshError } from '../errors.ts'
import { parseNames } from '../genesis/names-file.ts'
import { readTextFile, unwritable } from '../genesis/read-text-file.ts'

/** What stands at the path, or undefined where there is nothing. */
async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path)
  } catch (error) {
    const { code } = ((error as LeanmeshError).cause ?? {}) as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Anything but a names table may be the only copy of what somebody needs: a private key, for one. */
async function refuseOther(path: string): Promise<void> {
  try {
    const text = await textAt(path)
    if (text !== undefined) parseNames(text, path)
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    // Without its cause: what the parser says of a file may quote it, and the file may hold a key.
    throw new LeanmeshError(
      'ERR_FILE_EXISTS',
      `--out ${errorText(path)} exists and cannot be read as a names table, so nothing was written; choose another path, or move what is there away first`,
    )
  }
}

/**
 * Writes a names table, over an older one or where there was nothing. In one step, because a sidecar may read the file
 * at this moment.
 *
 * @throws LeanmeshError `ERR_FILE_EXISTS` when something else is at the path, `ERR_FILE_UNWRITABLE`
 */
export async function replaceNamesFile(path: string, text: string): Promise<void> {
  await refuseOther(path)
  const draft = `${path}.${process.pid}.tmp`
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    // Where the path leads through a file, that fails as well, and says less.
    await rm(draft, { force: true }).catch(() => undefined)
    throw unwritable(path, error)
  }
}
