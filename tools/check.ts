/** Runs every check, shows the output of those that fail and how long each took, and fails when one did. */
import { spawn } from 'node:child_process'

const CHECKS: ReadonlyArray<readonly [name: string, command: string, ...args: string[]]> = [
  ['types', 'tsc'],
  ['types of the build', 'tsc', '-p', 'tsconfig.build.json', '--noEmit'],
  ['types of the page', 'tsc', '-p', 'tsconfig.page.json'],
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint, promises, import cycles', 'oxlint', '--type-aware', '--report-unused-disable-directives'],
  ['dead code', 'knip'],
  ['structure', 'vitest', 'run', '--project', 'hermetic', 'test/structure'],
  ['docs drift', 'node', 'tools/docs.ts', '--check'],
  ['lockfile', 'node', 'tools/lockfile.ts', '--check'],
]

interface Outcome {
  passed: boolean
  output: string
}

/** npm puts `node_modules/.bin` on the path, and with it the project's own Node. */
async function run(command: string, args: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const chunks: Buffer[] = []
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.once('error', (error) => resolve({ passed: false, output: `${error.message}\n` }))
  child.once('close', (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }))
  return await promise
}

const failed: string[] = []
for (const [name, command, ...args] of CHECKS) {
  const startedAt = performance.now()
  const { passed, output } = await run(command, args)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${seconds.padStart(5)} s  ${name}`)
  if (passed) continue
  failed.push(name)
  console.log(output)
}
console.log(failed.length === 0 ? `${CHECKS.length} checks passed` : `failed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
