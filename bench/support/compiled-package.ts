import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PACKAGE = join(ROOT, 'bench/results/package')

/** Compiles the package as it is published, beside and not into `dist`, and gives its command's file. */
export function compiledMain(): string {
  rmSync(PACKAGE, { recursive: true, force: true })
  mkdirSync(PACKAGE, { recursive: true })
  copyFileSync(join(ROOT, 'package.json'), join(PACKAGE, 'package.json'))
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  // Declarations would be found by whoever checks the types of `bench/`.
  const flags = ['-p', 'tsconfig.build.json', '--declaration', 'false', '--outDir', join(PACKAGE, 'dist')]
  execFileSync(tsc, flags, { cwd: ROOT, stdio: 'inherit' })
  execFileSync(process.execPath, ['tools/bundle/bundle-programs.ts', join(PACKAGE, 'dist')], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  return join(PACKAGE, 'dist/cli/main.js')
}
