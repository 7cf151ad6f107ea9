import type * as z from 'zod'

/** Where a setting may be set: once for the sidecar, once for each network, or only where the sidecar is started. */
export type Scope = 'global' | 'network' | 'start'

export const GROUPS = [
  'Gossip network',
  'Names',
  'Metrics and HTTP',
  'Push by OTLP',
  'Resource',
  'Logs',
  'Other',
] as const
export type Group = (typeof GROUPS)[number]

/** One row of the table of settings. Flag, environment variable, help, docs and JSON schema derive from it. */
export interface Setting {
  scope: Scope
  group: Group
  /** Reads the text of the value, or of one item of a list. */
  schema: z.ZodType<unknown, string>
  /** A list: repeatable and comma separated in flags, comma separated in the environment, a sequence in YAML. */
  list?: { min: number; max: number }
  /** In its text form: it goes the way of every other value. Absent: no value. */
  default?: string | readonly string[]
  /** What happens without a value, where that needs words. */
  defaultNote?: string
  /** What the flag without a value means. Absent: it needs one. */
  bare?: string
  /** The flag where it is not the key's: `--network` sets `name`. */
  flag?: string
  /** OpenTelemetry variables that are read as well, with less weight than the `LEANMESH_` one; the first counts most. */
  otelEnv?: string | readonly string[]
  /** What a problem may show of a value that can hold a secret. */
  redact?: (text: string) => string
  metavar: string
  example: string
  /** One sentence, without its full stop. */
  help: string
  /** What a right value is; continues "Use …". */
  expects: string
}

/** The OpenTelemetry variables of a row, the one that counts most first. */
export function otelEnvOf({ otelEnv = [] }: Pick<Setting, 'otelEnv'>): readonly string[] {
  return typeof otelEnv === 'string' ? [otelEnv] : otelEnv
}

/** `http.max_connections` is set by `--http-max-connections`. */
export function flagOf(key: string, setting: Pick<Setting, 'flag'>): string {
  return `--${setting.flag ?? key.replaceAll(/[._]/g, '-')}`
}

/** `http.max_connections` is set by `LEANMESH_HTTP_MAX_CONNECTIONS`. */
export function envOf(key: string, setting: Pick<Setting, 'flag'>): string {
  return `LEANMESH_${flagOf(key, setting).slice(2).replaceAll('-', '_').toUpperCase()}`
}
