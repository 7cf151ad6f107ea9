import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone with its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'leanmesh-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** As an operator or a ConfigMap replaces a file: whole, or not at all. */
export async function replaceFile(file: string, content: object): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(content))
  await rename(`${file}.new`, file)
}
