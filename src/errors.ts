/**
 * An error that a person is meant to read. `message` is a sentence that says what is wrong and what to change;
 * `code` is stable and machine-readable (`ERR_…`); `cause` is what was caught, for logs only.
 */
export class LeanmeshError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LeanmeshError'
    this.code = code
  }
}

/** The text of anything thrown, on one line and bounded, because it may come from a peer or a file. */
export function errorText(error: unknown, maxLength = 300): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}

/** A text of a person, a peer or a file, for a message: in quotes, on one line, bounded. */
export function quoted(text: string): string {
  return JSON.stringify(errorText(text, 100))
}
