import { quoted } from './quoted.ts'

/** Why somebody's metrics could not be read. Closed: each can be a series. */
export const READ_FAILURES = [
  'bad_url',
  'unresolvable',
  'unreachable',
  'tls',
  'timeout',
  'redirect',
  'http_status',
  'not_http',
  'not_text',
  'too_large',
  'broken_off',
  'unparsable',
  'other',
] as const
export type ReadFailureReason = (typeof READ_FAILURES)[number]

/** `detail` is a sentence for people, safe to print: nothing of the other side is in it unquoted. */
export interface ReadFailure {
  reason: ReadFailureReason
  detail: string
}

/** What can be done, appended to the sentence as it is: about an HTTP status, or a CA that is not known here. */
export type Advice = Readonly<Partial<Record<number | 'unknownCa', string>>>

/** What ends a reading; only `readMetrics` sees it. */
export class ReadError extends Error {
  readonly failure: ReadFailure

  constructor(reason: ReadFailureReason, detail: string) {
    super(detail)
    this.failure = { reason, detail }
  }
}

const TLS = /^(ERR_TLS|ERR_SSL|EPROTO$|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_|PATH_LENGTH)|CERT/
const UNKNOWN_CA = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/
const UNTRUSTED = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/
const BROKEN_OFF = /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|Z_\w+)$/

/** What is read, and for whom. */
interface Subject {
  url: URL
  /** What gave the URL, as a person knows it. */
  givenAs: string
  advice: Advice
}

/** The failure that an error of the connection is. */
export function failureOfError(error: unknown, { url, givenAs, advice }: Subject): ReadFailure {
  if (error instanceof ReadError) return error.failure
  const code = codeOf(error)
  const right = `is ${givenAs} right?`
  const host = quoted(url.host)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { reason: 'unresolvable', detail: `no address was found for ${quoted(url.hostname)}: ${right}` }
  if (code === 'ECONNREFUSED')
    return { reason: 'unreachable', detail: `${host}: connection refused: does it run, and ${right}` }
  if (/^E(NETUNREACH|HOSTUNREACH|ADDRNOTAVAIL|INVAL|ACCES|TIMEDOUT)$/.test(code))
    return { reason: 'unreachable', detail: `${host} cannot be reached (${code}): ${right}` }
  if (UNTRUSTED.test(code) || TLS.test(code)) return { reason: 'tls', detail: tlsDetail(code, url, advice) }
  if (BROKEN_OFF.test(code)) return { reason: 'broken_off', detail: `the answer of ${host} broke off (${code})` }
  if (code.startsWith('HPE_'))
    return { reason: 'not_http', detail: `${host} does not answer in HTTP (${code}): ${right}` }
  return { reason: 'other', detail: `${host}: ${quoted(code)}` }
}

function tlsDetail(code: string, url: URL, { unknownCa = '' }: Advice): string {
  const host = quoted(url.host)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${host}: the certificate has not the name ${url.hostname}; ask by one of its names`
  if (UNTRUSTED.test(code))
    return `${host} has a certificate that is not trusted here (${code})${UNKNOWN_CA.test(code) ? unknownCa : ''}`
  return `${host}: TLS failed (${code}); is it http:// that it speaks?`
}

/** The code of an error; of one that holds several, such as one for each address of a name, that of the first. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
}
