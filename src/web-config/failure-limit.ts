import { isIPv6 } from 'node:net'
import { createBucket, type Bucket, type BucketOptions } from './token-bucket.ts'

/** How often an address may try a password that is wrong. */
export interface FailureLimit {
  /** Before a password is looked at; undefined when the address has failed too often. Give it back when it was right. */
  attempt(address: string): { giveBack(): void } | undefined
}

/** A person who mistypes never meets it; a program that guesses has 14,400 tries a day. */
const FAILURES: BucketOptions = { burst: 10, intervalMs: 6_000 }
const MAX_ADDRESSES = 1_000

/** The owner of one IPv6 address has 2^64 of them. */
function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIPv6(plain) ? network64(plain) : plain
}

function network64(address: string): string {
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after]
  return `${groups.slice(0, 4).join(':')}::/64`
}

export function createFailureLimit(nowMs: () => number): FailureLimit {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (source: string): Bucket => {
    const bucket = buckets.get(source) ?? createBucket(FAILURES, nowMs)
    // The one that has waited longest goes first.
    buckets.delete(source)
    buckets.set(source, bucket)
    for (const [oldest] of buckets) {
      if (buckets.size <= MAX_ADDRESSES) break
      buckets.delete(oldest)
    }
    return bucket
  }
  return {
    attempt(address) {
      const source = sourceOf(address)
      const bucket = bucketOf(source)
      if (!bucket.take()) return undefined
      return {
        giveBack() {
          bucket.giveBack()
          if (bucket.isFull()) buckets.delete(source)
        },
      }
    },
  }
}
