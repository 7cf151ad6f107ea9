import { rightValue } from '../config/check-value.ts'
import type { Problem } from '../config/problem.ts'
import type { SettingKey } from '../config/settings-table.ts'
import { LeanmeshError } from '../errors.ts'
import { FileError } from '../genesis/yaml-document.ts'

/** The setting that a file or a peer came from, and where that was set. */
export interface Subject {
  key: SettingKey
  where: string
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** The messages about files and peers say what is wrong and, after the last semicolon, what would be right. */
function problemOf(message: string, { key, where }: Subject, otherwise: string): Problem {
  const at = message.lastIndexOf('; ')
  if (at < 0) return { setting: key, where, wrong: message, right: otherwise }
  return { setting: key, where, wrong: message.slice(0, at), right: sentence(message.slice(at + 2)) }
}

/** The setting led to the file, so it is right, and the file is not. */
function rightFile(message: string): string {
  return `Correct that ${/:\d+: /.test(message) ? 'line' : 'file'}; \`leanmesh check\` reads it again.`
}

function problemsOf(error: LeanmeshError, subject: Subject): Problem[] {
  if (error instanceof FileError) return error.problems.map((text) => problemOf(text, subject, rightFile(text)))
  return [problemOf(error.message, subject, rightValue(subject.key))]
}

/** Collects what is wrong with the files and peers that the settings name. */
export interface ProblemList {
  readonly problems: readonly Problem[]
  add(problem: Problem): void
  /** Gives what `read` gives; when it fails for bad input, notes why and gives undefined. */
  attempt<T>(subject: Subject, read: () => T | Promise<T>): Promise<T | undefined>
}

export function createProblemList(first: readonly Problem[]): ProblemList {
  const problems = [...first]
  return {
    problems,
    add: (problem) => void problems.push(problem),
    async attempt(subject, read) {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof LeanmeshError)) throw error
        problems.push(...problemsOf(error, subject))
        return undefined
      }
    },
  }
}
