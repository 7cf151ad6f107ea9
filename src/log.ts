import { pino, stdTimeFunctions, type DestinationStream } from 'pino'
import { lineWriter } from './standard-error.ts'

/** The part of pino's interface that leanmesh uses: fields first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions {
  level: LogLevel
  format: 'text' | 'json'
  /** Which part or process speaks, for example the network's name. */
  name?: string
}

const STANDARD_ERROR = 2

/** Longer texts are cut: part of them may come from a peer. */
const MAX_TEXT_LENGTH = 1_000

/** No caller should log these; when one does, the value stays inside. */
const SECRET_KEYS = ['identityKeyHex', 'keyHex', 'privkey', 'privateKey']

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text
}

function cutFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cut(value) : value]),
  )
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
  // Of an error only what it says: stacks are for the JSON form.
  if (typeof value === 'object' && value !== null && 'stack' in value)
    return fieldText((value as { message?: unknown }).message)
  return JSON.stringify(value)
}

/** One line for people: `10:15:30.123 warn  the message  key=value`. Control characters stay escaped or are dropped. */
function textLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const clock = String(time).slice(11, 23)
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`)
  const line = [clock, String(level).padEnd(5), String(msg), ...pairs].join(' ')
  return `${line.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')}\n`
}

/**
 * A logger that writes to standard error without ever blocking or failing its caller.
 *
 * @param stream where the lines go instead, for tests
 */
export function createLogger(options: LogOptions, stream: DestinationStream = lineWriter(STANDARD_ERROR)): Logger {
  const out = options.format === 'json' ? stream : { write: (json: string) => stream.write(textLine(json)) }
  const pinoOptions = {
    level: options.level,
    base: options.name === undefined ? {} : { name: options.name },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    formatters: { level: (level: string) => ({ level }), log: cutFields },
  }
  const logger = pino(pinoOptions, out)
  return {
    debug: (fields, message) => logger.debug(fields, cut(message)),
    info: (fields, message) => logger.info(fields, cut(message)),
    warn: (fields, message) => logger.warn(fields, cut(message)),
    error: (fields, message) => logger.error(fields, cut(message)),
  }
}
