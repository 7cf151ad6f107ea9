import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export interface SourceFile {
  /** Relative to `src`, with forward slashes. */
  path: string
  text: string
}

/** Every TypeScript file of `src`. */
export function sourceFiles(): SourceFile[] {
  const paths = globSync('**/*.ts', { cwd: join(ROOT, 'src') }).map((path) => path.replaceAll('\\', '/'))
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(ROOT, 'src', path), 'utf8') }))
}

/** What a file imports, types included: files as paths relative to `src`, packages by their specifier. */
export function importsOf({ path, text }: SourceFile): { files: string[]; packages: string[] } {
  const statements = text.matchAll(
    /^(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  const specifiers = [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  const relative = specifiers.filter((specifier) => specifier.startsWith('.'))
  return {
    files: relative.map((specifier) => posix.join(posix.dirname(path), specifier)),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  }
}
