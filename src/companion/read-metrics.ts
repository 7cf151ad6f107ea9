import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { raceAbort } from '../lifecycle/deadline.ts'
import { quoted } from './quoted.ts'
import { type Advice, codeOf, failureOfError, ReadError, type ReadFailure } from './read-failure.ts'

export interface ReadOptions {
  /** `http:` or `https:`, without credentials: a URL ends up in logs. */
  url: string
  /** How the person who gave the URL knows it, for sentences such as `is --companion-metrics right?`. */
  givenAs: string
  userAgent: string
  /** For everything from the name's resolution to the last byte, in milliseconds. */
  timeoutMs?: number
  /** Of the text, whether or not it comes compressed. */
  maxBytes?: number
  /** What the other side asks for, and what it is believed by. Default: nothing, and the CAs that Node trusts. */
  access?: Access
  /** What whoever gave the URL can do about a failure. */
  advice?: Advice
}

/** PEM texts, and a user with a password. */
export interface Access {
  ca?: string
  cert?: string
  key?: string
  /** `<user>:<password>` */
  auth?: string
}

/** What is asked for, for the request and for sentences that say what would be right. */
interface Wanted {
  accept: string
  exampleUrl: string
  /** Said to whoever gave a URL without a path that answers with an error. */
  path: string
}

/** Of a text that was read to its end, the content type, as the other side wrote it if it did. */
export type Reading = { ok: true; contentType: string | undefined } | ({ ok: false } & ReadFailure)

const DEFAULT_TIMEOUT_MS = 2_000
const DEFAULT_MAX_BYTES = 8 * 1024 * 1024
const METRICS: Wanted = {
  accept: 'text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1',
  exampleUrl: 'http://127.0.0.1:8008/metrics',
  path: '/metrics',
}
const MAX_START_BYTES = 1024
const MIB = 1024 * 1024

/** Reads what somebody else serves as metrics, as `readAnswer` does. */
export function readMetrics(
  options: ReadOptions,
  onChunk: (chunk: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<Reading> {
  return readAnswer({ ...options, wanted: METRICS }, onChunk, signal)
}

/**
 * Reads what somebody else serves, and hands it on piece by piece. Follows no redirect, settles by the timeout or when
 * `signal` aborts, takes at most `maxBytes`, and never rejects.
 */
export async function readAnswer(
  options: ReadOptions & { wanted: Wanted },
  onChunk: (chunk: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<Reading> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, givenAs, advice = {} } = options
  const url = parseUrl(options.url, options)
  if (!(url instanceof URL)) return { ok: false, ...url }
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const contentType = await read(url, options, onChunk, signal ? AbortSignal.any([signal, deadline]) : deadline)
    return { ok: true, contentType }
  } catch (error) {
    if (error instanceof ReadError || !(deadline.aborted || signal?.aborted === true))
      return { ok: false, ...failureOfError(error, { url, givenAs, advice }) }
    const detail = deadline.aborted
      ? `${quoted(url.host)} did not finish its answer within ${timeoutMs / 1000} s`
      : 'the reading was ended early'
    return { ok: false, reason: 'timeout', detail }
  }
}

function parseUrl(text: string, { givenAs, wanted }: { givenAs: string; wanted: Wanted }): URL | ReadFailure {
  const refuse = (wrong: string): ReadFailure => ({
    reason: 'bad_url',
    detail: `${givenAs} ${quoted(text)} ${wrong}; right is, for example, ${wanted.exampleUrl}`,
  })
  const url = URL.parse(text)
  if (url === null) return refuse('is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('is not http:// or https://')
  if (url.username !== '' || url.password !== '') {
    return { reason: 'bad_url', detail: `${givenAs} holds credentials, which would show in logs; leave them out` }
  }
  return url
}

async function read(
  url: URL,
  options: ReadOptions & { wanted: Wanted },
  onChunk: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { Accept: options.wanted.accept, 'Accept-Encoding': 'gzip', 'User-Agent': options.userAgent }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, { ...options.access, agent: false, headers, signal }, resolve)
  request.on('error', (error) => {
    // Who speaks TLS hangs up on what is none. Once there is a response, this settles nothing any more.
    const isSilent = url.protocol === 'http:' && codeOf(error) === 'ECONNRESET'
    reject(isSilent ? new ReadError('broken_off', `${hungUp(url)}; does it speak https://?`) : error)
  })
  // Node tells of a switch to another protocol by neither a response nor an error.
  request.on('close', () => reject(new ReadError('broken_off', hungUp(url))))
  request.end()
  try {
    const response = await raceAbort(promise, signal)
    await refuseWithAdvice(response, options.advice?.[response.statusCode ?? 0])
    refuseOther(response, url, options.wanted)
    await consume(response, options.maxBytes ?? DEFAULT_MAX_BYTES, onChunk, signal)
    return response.headers['content-type']
  } finally {
    // What the other side goes on saying is of no interest.
    request.destroy()
  }
}

function hungUp(url: URL): string {
  return `${quoted(url.host)} hung up without an answer`
}

/** Refuses an answer whose status there is advice about; a 403 says itself why. */
async function refuseWithAdvice(response: IncomingMessage, advice: string | undefined): Promise<void> {
  if (advice === undefined) return
  const why = response.statusCode === 403 ? `: ${quoted(await startOf(response), 200)}` : ''
  throw new ReadError('http_status', `the answer is HTTP ${response.statusCode} and not 200${why}${advice}`)
}

/** The text of an answer that says why it is none, as far as its first bytes go. */
async function startOf(response: IncomingMessage): Promise<string> {
  let start = Buffer.alloc(0)
  for await (const chunk of response as AsyncIterable<Buffer>) {
    start = Buffer.concat([start, chunk])
    if (start.length >= MAX_START_BYTES) break
  }
  return start.toString('utf8', 0, MAX_START_BYTES).trim()
}

/** Refuses what is no answer with text, before a byte of it is read. */
function refuseOther(response: IncomingMessage, url: URL, wanted: Wanted): void {
  const status = response.statusCode ?? 0
  const { location = '', 'content-type': type = '' } = response.headers
  const encoding = encodingOf(response)
  if (status >= 300 && status < 400 && location !== '')
    throw new ReadError(
      'redirect',
      `HTTP ${status} leads to ${quoted(location, 200)}, which is not followed: give that URL`,
    )
  const path = url.pathname === '/' ? `; is the path ${wanted.path} missing?` : ''
  if (status !== 200) throw new ReadError('http_status', `the answer is HTTP ${status} and not 200${path}`)
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding))
    throw new ReadError('not_text', `the answer is encoded as ${quoted(encoding)}, and only gzip was offered`)
  if (type.includes('protobuf')) throw new ReadError('not_text', `the answer is ${quoted(type)} and not text`)
}

function encodingOf({ headers }: IncomingMessage): string {
  return headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
}

async function consume(
  response: IncomingMessage,
  maxBytes: number,
  onChunk: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  let bytes = 0
  const count = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      onChunk(chunk)
      // A flood must not keep the event loop from anything else, such as a scrape of the sidecar itself.
      await setImmediate()
    }
  }
  if (encodingOf(response) === 'identity') await pipeline(response, count, { signal })
  // Compressed bytes are limited too: some expand to nothing.
  else await pipeline(response, (source) => limited(source, maxBytes), createGunzip(), count, { signal })
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    yield chunk
  }
}

function tooLarge(maxBytes: number): ReadError {
  return new ReadError('too_large', `the answer is larger than ${Number((maxBytes / MIB).toFixed(1))} MiB`)
}
