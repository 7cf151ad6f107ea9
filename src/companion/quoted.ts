import { INVISIBLE } from '../mesh/printable.ts'

/** Text of somebody else between quotes, on one line and cut: what cannot be seen is written as `\u{…}`. */
export function quoted(text: string, maxLength = 80): string {
  const start = text.length > maxLength ? `${text.slice(0, maxLength - 1).toWellFormed()}…` : text
  return `"${start.replaceAll(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)}"`
}
