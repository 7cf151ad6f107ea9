import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A copy of this Node. What is measured runs on it, because the pages of a binary are shared with every process that
 * runs it: with the bench on the same one, part of the memory would be counted as the bench's. In a pod nothing shares it.
 */
export function ownNode(): { path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'leanmesh-bench-'))
  const path = join(folder, 'node')
  copyFileSync(process.execPath, path)
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
