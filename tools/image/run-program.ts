import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ToolError } from '../tool-error.ts'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 2 ** 26
const SHOWN_LINES = 40

interface ExecFailure extends Error {
  stdout?: string
  stderr?: string
  /** Of the program when it ran, otherwise a name such as ENOENT. */
  code?: number | string
}

export interface RunProgramOptions {
  cwd?: string
  /** Beside this process's own. */
  env?: Readonly<Record<string, string>>
}

/**
 * What the program prints on standard output, without the last line break.
 * @throws ToolError with the end of what it printed, when it cannot be run or exits with another code than 0
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunProgramOptions = {},
): Promise<string> {
  const env = { ...process.env, ...options.env }
  try {
    const { stdout } = await run(program, args, { ...options, env, maxBuffer: MAX_OUTPUT_BYTES })
    return stdout.trimEnd()
  } catch (cause) {
    const { stdout = '', stderr = '', message, code } = cause as ExecFailure
    if (code === 'ENOENT')
      throw new ToolError(`${program} is not installed; .ci/install-image-tools does it`, { cause })
    const printed = `${stdout}\n${stderr}`.trim() || message
    const lines = printed.split('\n').slice(-SHOWN_LINES)
    throw new ToolError([`${[program, ...args].join(' ')} failed:`, ...lines].join('\n'), { cause })
  }
}
