/** Why a push failed. Closed: each has its series from the start. */
export const OTLP_FAILURES = [
  'unreachable',
  'timeout',
  'tls',
  'rejected',
  'throttled',
  'server_error',
  'partial',
  'collection',
  'other',
] as const
export type OtlpFailure = (typeof OTLP_FAILURES)[number]

/** What became of a push. `detail` is for the log; nothing that was sent is in it. */
export type OtlpOutcome =
  { ok: true } | { ok: false; reason: OtlpFailure; detail: string; isRetryable: boolean; retryAfterMs?: number }

/** A receiver that asks for more patience is asked again nevertheless: the sender must not be silent for hours. */
const MAX_RETRY_AFTER_MS = 5 * 60_000

const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH)$/
const TLS = /^(ERR_TLS|ERR_SSL|EPROTO$|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_|PATH_LENGTH)|CERT/

/** The failure that a status outside 200 to 299 is: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */
export function failureOfStatus(status: number, retryAfter: string | undefined): OtlpOutcome {
  const isRetryable = [429, 502, 503, 504].includes(status)
  const wait = isRetryable ? retryAfterMs(retryAfter) : undefined
  const failure = { ok: false, reason: reasonOfStatus(status), detail: `HTTP ${status}`, isRetryable } as const
  return wait === undefined ? failure : { ...failure, retryAfterMs: wait }
}

function reasonOfStatus(status: number): OtlpFailure {
  if (status === 429 || status === 503) return 'throttled'
  if (status >= 500) return 'server_error'
  return status >= 300 ? 'rejected' : 'other'
}

/** The failure that an error of the connection is. */
export function failureOfError(error: unknown): OtlpOutcome {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
  if (code === 'ABORT_ERR' || code === 'ETIMEDOUT') {
    return { ok: false, reason: 'timeout', detail: 'no answer in time', isRetryable: true }
  }
  if (UNREACHABLE.test(code)) return { ok: false, reason: 'unreachable', detail: code, isRetryable: true }
  // A wrong certificate is still wrong a second later.
  return { ok: false, reason: TLS.test(code) ? 'tls' : 'other', detail: code, isRetryable: false }
}

/** `Retry-After`, which is seconds or a date, as a wait of bounded length. */
function retryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS)
}
