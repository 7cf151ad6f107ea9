import { createHmac, randomBytes } from 'node:crypto'
import { createBcryptThread } from './bcrypt-thread.ts'
import { createFailureLimit } from './failure-limit.ts'

export interface Credentials {
  user: string
  password: string
}

/** `throttled`: too many wrong ones before it, or too many at once; it was not looked at. */
export type Verdict = 'right' | 'wrong' | 'throttled'

export interface Passwords {
  /**
   * @param users from the name to the bcrypt hash
   * @param address where the request comes from
   */
  check(credentials: Credentials, users: ReadonlyMap<string, string>, address: string): Promise<Verdict>
  stop(): Promise<void>
}

/** What is remembered of right ones: more than there are users, because several may have an old and a new password. */
const MAX_REMEMBERED = 200
/** Comparisons that may wait; each takes its time, and a scraper does not wait for many. */
const MAX_WAITING = 8
/** The salt and digest of a hash that nobody has: a name that is not there costs what one that is there costs. */
const NOBODY = '.'.repeat(53)

/** The costliest hash's cost, so that an unknown name does not answer sooner than a known one. */
function decoyOf(users: ReadonlyMap<string, string>): string {
  const costs = Array.from(users.values(), (hash) => hash.slice(4, 6)).sort()
  return `$2b$${costs.at(-1) ?? '10'}$${NOBODY}`
}

/**
 * Passwords against their hashes. One that was right is remembered, by a keyed digest of name, password and hash, so that a
 * scrape does not pay for bcrypt; one that was wrong is not.
 */
export function createPasswords(nowMs: () => number): Passwords {
  const thread = createBcryptThread()
  const failures = createFailureLimit(nowMs)
  const remembered = new Set<string>()
  const underWay = new Map<string, Promise<boolean>>()
  const secret = randomBytes(32)

  function remember(key: string): void {
    remembered.delete(key)
    remembered.add(key)
    for (const oldest of remembered) {
      if (remembered.size <= MAX_REMEMBERED) break
      remembered.delete(oldest)
    }
  }

  async function compare(key: string, password: string, hash: string): Promise<boolean> {
    const running = underWay.get(key) ?? thread.compare(password, hash).finally(() => underWay.delete(key))
    underWay.set(key, running)
    return running
  }

  return {
    async check({ user, password }, users, address) {
      const known = users.get(user)
      const hash = known ?? decoyOf(users)
      const key = createHmac('sha256', secret)
        .update(JSON.stringify([user, password, hash]))
        .digest('base64')
      if (remembered.has(key)) {
        remember(key)
        return 'right'
      }
      if (thread.waiting >= MAX_WAITING) return 'throttled'
      const attempt = failures.attempt(address)
      if (attempt === undefined) return 'throttled'
      const isRight = await compare(key, password, hash)
      if (!isRight || known === undefined) return 'wrong'
      attempt.giveBack()
      remember(key)
      return 'right'
    },
    stop: () => thread.stop(),
  }
}
