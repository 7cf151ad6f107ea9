import type { Logger } from '../../src/log.ts'

/** A log that a test reads: each line is `<level> <message> <fields as JSON>`. */
export function recordingLog(): { lines: string[]; log: Logger } {
  const lines: string[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}
