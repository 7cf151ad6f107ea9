import { InvalidArgumentError } from 'commander'

const MAX_TIMEOUT_SECONDS = 600

/** Reads the value of a `--timeout`, in seconds. */
export function timeoutSeconds(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (value > 0 && value <= MAX_TIMEOUT_SECONDS) return value
  throw new InvalidArgumentError(`It is a number of seconds, more than 0 and at most ${MAX_TIMEOUT_SECONDS}.`)
}
