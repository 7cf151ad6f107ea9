import type { Environment } from '../config/env-layer.ts'

/** Where a command writes. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

/** What a command sees of the process. Tests give their own. */
export interface CommandIo {
  stdout: Output
  stderr: Output
  env: Environment
}

/** Text without the characters that could rewrite a terminal; line breaks stay. What is printed may come from a file. */
export function terminalText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}

export function writeLine(output: Output, line: string): void {
  output.write(`${terminalText(line)}\n`)
}

export function writeWarnings(io: CommandIo, warnings: readonly string[]): void {
  for (const warning of warnings) writeLine(io.stderr, `warning: ${warning}`)
}
