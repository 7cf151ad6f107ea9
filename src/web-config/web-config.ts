import { validateHeaderValue } from 'node:http'
import { dirname, resolve } from 'node:path'
import { FileError, parseYaml } from '../genesis/yaml-document.ts'
import { readTlsSection, TLS_KEYS, type TlsSection } from './tls-section.ts'
import { fieldsOf, type Fields, type Source, shown } from './yaml-fields.ts'

/** A file in the format of Prometheus' exporter toolkit, without what it leads to. */
export interface WebConfig {
  tls: TlsSection | undefined
  /** For every answer; an empty value takes the header away. */
  headers: ReadonlyMap<string, string>
  /** From the name to the bcrypt hash of the password. Empty: nobody is asked who he is. */
  users: ReadonlyMap<string, string>
  rateLimit: RateLimit | undefined
}

/** Requests: one each so often, and so many at once. */
export interface RateLimit {
  intervalMs: number
  burst: number
}

const SECTIONS = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'] as const

/** The headers of the format; of some it says the values. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'Content-Security-Policy': [],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-Content-Type-Options': ['nosniff'],
  'X-XSS-Protection': [],
  'Strict-Transport-Security': [],
}

/** Each user costs what it is asked for; a team has few. */
const MAX_USERS = 100
/** A hash of cost 14 takes more than a second to compare, and each step doubles that. */
const MAX_COST = 14
const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** @throws FileError with everything that is wrong, each with its line; no password or key is in it */
export function parseWebConfig(text: string, path: string): WebConfig {
  const yaml = parseYaml(text, path)
  const source: Source = { yaml, problems: [] }
  const file = fieldsOf(yaml.document.contents, source, '', SECTIONS)
  const tls = file.section('tls_server_config', TLS_KEYS)
  const limit = file.section('rate_limit', ['interval', 'burst'])
  const config = {
    tls: tls && readTlsSection(tls, (relative) => resolve(dirname(path), relative)),
    headers: readHttp(file.section('http_server_config', ['http2', 'headers'])),
    users: readUsers(file.section('basic_auth_users')),
    rateLimit: limit && readRateLimit(limit),
  }
  if (source.problems.length > 0) throw new FileError(source.problems)
  return config
}

function readHttp(fields: Fields | undefined): Map<string, string> {
  if (fields?.flag('http2') === true)
    fields.refuse('http2', 'is true, and this server speaks HTTP/1.1; leave it out, or set it to false')
  const headers = fields?.section('headers', Object.keys(HEADERS))
  const values = new Map(headers?.texts())
  for (const [name, value] of values) {
    const choices = HEADERS[name] ?? []
    if (value !== '' && choices.length > 0 && !choices.includes(value.toLowerCase()))
      headers?.refuse(name, `is ${shown(value)}; use ${choices.join(' or ')}`)
    if (!isHeaderValue(name, value))
      headers?.refuse(name, 'cannot be sent in a header; leave out line ends and other control characters')
  }
  return values
}

function isHeaderValue(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function readUsers(fields: Fields | undefined): Map<string, string> {
  const users = new Map(fields?.texts())
  if (fields && users.size > MAX_USERS)
    fields.refuse([...users.keys()][MAX_USERS] ?? '', `is one user too many; have at most ${MAX_USERS}`)
  for (const [name, hash] of users) {
    const cost = Number(BCRYPT.exec(hash)?.[1] ?? 0)
    // What stands there may be the password itself, so it is not shown.
    if (cost === 0)
      fields?.refuse(name, 'has no bcrypt hash; make one with `htpasswd -nBC 10 ""`, which looks like $2y$10$…')
    else if (cost > MAX_COST)
      fields?.refuse(name, `has a bcrypt hash of cost ${cost}, seconds for each check; use at most ${MAX_COST}`)
    if (name === '' || name.includes(':')) fields?.refuse(name, 'cannot be the name of a user; use one without a colon')
  }
  return users
}

function readRateLimit(fields: Fields): RateLimit | undefined {
  const interval = fields.text('interval') ?? '0s'
  const [, amount = '', unit = ''] = DURATION.exec(interval === '0' ? '0s' : interval) ?? []
  const intervalMs = Number(amount) * (UNIT_MS[unit] ?? Number.NaN)
  if (Number.isNaN(intervalMs))
    fields.refuse('interval', `is ${shown(interval)}, which is no duration; use 1s, 500ms or 0`)
  const burst = fields.text('burst') ?? '0'
  const isGood = /^\d{1,6}$/.test(burst)
  if (!isGood) fields.refuse('burst', `is ${shown(burst)}; use a number from 1 to 999999`)
  else if (intervalMs > 0 && Number(burst) === 0)
    fields.refuse('burst', 'is 0, so every request would be refused; use 1 or more')
  return intervalMs > 0 ? { intervalMs, burst: Number(burst) } : undefined
}
