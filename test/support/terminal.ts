/** The command line in a pseudo-terminal of its own, as a person sees it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const DEADLINE_MS = 60_000

/** Runs leanmesh in a terminal of 80 columns, by `script` of util-linux. What it wrote to either stream is `output`. */
export function runInTerminal(args: readonly string[]): Promise<{ code: number; output: string }> {
  const quoted = [process.execPath, MAIN, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ')
  const command = `stty cols 80 rows 24 && exec ${quoted}`
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; output: string }>()
  const child = execFile(
    'script',
    ['--quiet', '--return', '--command', command, '/dev/null'],
    { timeout: DEADLINE_MS, env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh' } },
    (error, stdout) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: error ? Number(error.code) : 0, output: stdout })
    },
  )
  child.stdin?.end()
  return promise
}
