import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isIP } from 'node:net'
import * as z from 'zod'

/**
 * The schemas of the values that settings have. Each takes text, whatever the source was: YAML is read without
 * implicit types, so that `fork_digest: 12345678` and `00000001` mean the same as in a flag. The messages
 * continue `"<the value>" …`.
 */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `is less than ${min}`).max(max, `is more than ${max}`))
}

export function word(pattern: RegExp, message: string) {
  return z.string().min(1, 'is empty').regex(pattern, message)
}

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, 'is not one of the choices')
}

/** A switch. */
export function onOff() {
  return choice(['true', 'false']).transform((value) => value === 'true')
}

export function text(maxLength = 4_096) {
  return z
    .string()
    .min(1, 'is empty')
    .max(maxLength, `is longer than ${maxLength} characters`)
    .refine((value) => !value.includes('\0'), 'holds a zero byte')
}

/** Its last label is not a number, or `127.0.0.256` would be a host name. */
const HOST_NAME = /^(?!-)(?:[A-Za-z0-9-]{1,63}\.)*(?!\d+$)[A-Za-z0-9-]{1,63}$/

export function host() {
  return text(253).refine((value) => isIP(value) !== 0 || HOST_NAME.test(value), 'is not an IP address or a host name')
}

function percentDecoded(value: string, context: z.core.$RefinementCtx): string {
  try {
    return decodeURIComponent(value)
  } catch {
    context.addIssue({ code: 'custom', message: 'has a percent sign that starts no valid UTF-8 sequence' })
    return z.NEVER
  }
}

/** `key=value`, percent-encoded, as in `OTEL_RESOURCE_ATTRIBUTES`. */
export function attribute() {
  return text().transform((pair, context): readonly [string, string] => {
    const at = pair.indexOf('=')
    const key = at < 0 ? '' : pair.slice(0, at).trim()
    if (key === '') {
      context.addIssue({ code: 'custom', message: at < 0 ? 'has no "="' : 'has no key before the "="' })
      return z.NEVER
    }
    return [percentDecoded(key, context), percentDecoded(pair.slice(at + 1).trim(), context)]
  })
}

/** `key=value`, percent-encoded, that can be an HTTP header. */
export function header() {
  return attribute().refine(([name, value]) => isHeader(name, value), 'is not an HTTP header')
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

/** An `http:` or `https:` URL of a service. Credentials belong into a header: URLs are logged. */
export function httpUrl() {
  return text(2_048)
    .refine((value) => URL.canParse(value), 'is not a URL')
    .refine((value) => !URL.canParse(value) || /^https?:$/.test(new URL(value).protocol), 'is not http:// or https://')
    .refine((value) => !URL.canParse(value) || !/[@?#]/.test(value), 'has credentials, a query or a fragment')
}

/** A URL, also a malformed one, without its credentials, its query and its fragment. */
export function redactedUrl(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@/s, '$1…@').replace(/([?#]).*/s, '$1…')
}
