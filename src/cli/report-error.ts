import { problemText, SettingsError } from '../config/problem.ts'
import { errorText, LeanmeshError } from '../errors.ts'
import { EXIT_BAD_INPUT, EXIT_FAILURE } from './exit-codes.ts'
import { writeLine, type CommandIo } from './io.ts'

function reportSettings(error: SettingsError, io: CommandIo): void {
  const { problems } = error
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  writeLine(io.stderr, `leanmesh: ${count} in the settings:`)
  for (const problem of problems) writeLine(io.stderr, `  ${problemText(problem)}`)
}

/**
 * Says on standard error what went wrong, and gives the exit code. A stack is only for bugs, and only when asked for.
 *
 * @param isDebug whether the log level asks for stacks
 */
export function reportError(error: unknown, io: CommandIo, isDebug: boolean): number {
  if (error instanceof SettingsError) {
    reportSettings(error, io)
    return EXIT_BAD_INPUT
  }
  if (error instanceof LeanmeshError) {
    writeLine(io.stderr, `leanmesh: ${errorText(error, 2_000)}`)
    return EXIT_FAILURE
  }
  const more = isDebug ? '' : ' (`--log-level debug` shows where)'
  writeLine(io.stderr, `leanmesh: unexpected error: ${errorText(error)}; this is a bug, please report it${more}`)
  if (isDebug && error instanceof Error) writeLine(io.stderr, error.stack ?? '')
  return EXIT_FAILURE
}
