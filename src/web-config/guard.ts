import type { IncomingMessage } from 'node:http'
import { basicCredentials } from './basic-credentials.ts'
import { certificateFault } from './client-certificate.ts'
import { createPasswords } from './passwords.ts'
import { createBucket, type Bucket } from './token-bucket.ts'
import type { WatchedWebConfig } from './watched-web-config.ts'
import type { RateLimit } from './web-config.ts'

/** Why requests were refused. */
export const REFUSAL_REASONS = ['rate_limit', 'client_certificate', 'credentials', 'throttled'] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export interface Refusal {
  status: 401 | 403 | 429
  text: string
  headers: Readonly<Record<string, string>>
}

/** What the web config asks of a request. */
export interface WebGuard {
  /** For every answer; an empty one takes the header away. */
  headers(): ReadonlyMap<string, string>
  /** Undefined: it may pass. */
  refusal(request: IncomingMessage): Promise<Refusal | undefined>
  /** Requests refused since the start. */
  refusals(): Readonly<Record<RefusalReason, number>>
  stop(): Promise<void>
}

/** What to try next, in seconds: about when a failed try is forgotten. */
const RETRY_AFTER_SECONDS = '6'

export function createWebGuard(source: WatchedWebConfig, nowMs: () => number): WebGuard {
  const passwords = createPasswords(nowMs)
  const counts: Record<RefusalReason, number> = { rate_limit: 0, client_certificate: 0, credentials: 0, throttled: 0 }
  const isOverRate = createRate(nowMs)
  const refuse = (reason: RefusalReason, status: Refusal['status'], text: string, headers: Refusal['headers'] = {}) => {
    counts[reason] += 1
    return { status, text, headers }
  }
  return {
    headers: () => source.current().config.headers,
    async refusal({ socket, headers }) {
      const { rateLimit, tls, users } = source.current().config
      if (isOverRate(rateLimit))
        return refuse('rate_limit', 429, 'too many requests: rate_limit of the web config', { 'Retry-After': '1' })
      const fault = tls && certificateFault(socket, tls)
      if (fault !== undefined) return refuse('client_certificate', 403, fault)
      if (users.size === 0) return undefined
      const credentials = basicCredentials(headers.authorization)
      const verdict = credentials ? await passwords.check(credentials, users, socket.remoteAddress ?? '') : 'wrong'
      if (verdict === 'right') return undefined
      if (verdict === 'throttled')
        return refuse('throttled', 429, 'too many wrong passwords; wait a little', {
          'Retry-After': RETRY_AFTER_SECONDS,
        })
      return refuse('credentials', 401, 'a user and a password are needed', {
        'WWW-Authenticate': 'Basic realm="leanmesh", charset="UTF-8"',
      })
    },
    refusals: () => ({ ...counts }),
    stop: () => passwords.stop(),
  }
}

/** One bucket for as long as the limit stays the same. */
function createRate(nowMs: () => number): (limit: RateLimit | undefined) => boolean {
  let made: { limit: RateLimit; bucket: Bucket } | undefined
  return (limit) => {
    if (limit === undefined) return false
    if (made?.limit.burst !== limit.burst || made.limit.intervalMs !== limit.intervalMs)
      made = { limit, bucket: createBucket(limit, nowMs) }
    return !made.bucket.take()
  }
}
