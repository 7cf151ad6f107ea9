import { runCli } from '../../src/cli/cli.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command line in this process, with streams and an environment of its own. */
export async function runCommandLine(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const outcome = { stdout: '', stderr: '' }
  const code = await runCli(args, {
    stdout: { write: (text) => void (outcome.stdout += text) },
    stderr: { write: (text) => void (outcome.stderr += text) },
    env,
  })
  return { code, ...outcome }
}
