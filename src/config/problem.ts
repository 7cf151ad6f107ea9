import { errorText, LeanmeshError } from '../errors.ts'

/** One mistake in the settings, in the four parts that a person needs to mend it. */
export interface Problem {
  /** The setting's key, for example `http.port`. */
  setting: string
  /** Where it was set: a flag, an environment variable, or a file with its line. */
  where: string
  /** What is wrong; continues "it …". */
  wrong: string
  /** What would be right, a whole sentence. */
  right: string
}

/** Every problem of the settings at once, so that nobody mends them one run at a time. */
export class SettingsError extends LeanmeshError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('ERR_SETTINGS', problems.map(problemText).join('\n'))
    this.problems = problems
  }
}

/** A problem on one line. */
export function problemText({ setting, where, wrong, right }: Problem): string {
  const subject = where === setting ? setting : `${setting} (${where})`
  return errorText(`${subject}: ${wrong}. ${right}`, 1_000)
}
