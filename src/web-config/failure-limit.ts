import { addressOwner } from '../mesh/address-owner.ts'
import { createBucket, type Bucket, type BucketOptions } from './token-bucket.ts'

/** How often an address may try a password that is wrong. */
export interface FailureLimit {
  /** Before a password is looked at; undefined when the address has failed too often. Give it back when it was right. */
  attempt(address: string): { giveBack(): void } | undefined
}

/** A person who mistypes never meets it; a program that guesses has 14,400 tries a day. */
const FAILURES: BucketOptions = { burst: 10, intervalMs: 6_000 }
const MAX_ADDRESSES = 1_000

export function createFailureLimit(nowMs: () => number): FailureLimit {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (owner: string): Bucket => {
    const bucket = buckets.get(owner) ?? createBucket(FAILURES, nowMs)
    // The one that has waited longest goes first.
    buckets.delete(owner)
    buckets.set(owner, bucket)
    for (const [oldest] of buckets) {
      if (buckets.size <= MAX_ADDRESSES) break
      buckets.delete(oldest)
    }
    return bucket
  }
  return {
    attempt(address) {
      const owner = addressOwner(address)
      const bucket = bucketOf(owner)
      if (!bucket.take()) return undefined
      return {
        giveBack() {
          bucket.giveBack()
          if (bucket.isFull()) buckets.delete(owner)
        },
      }
    },
  }
}
