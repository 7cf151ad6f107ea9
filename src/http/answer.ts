import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { acceptsGzip } from './accepts-gzip.ts'

/** Below this many bytes compression saves no packet. */
const MIN_GZIP_BYTES = 1400

const compress = promisify(gzip)

export type AnswerStatus = 200 | 401 | 403 | 404 | 405 | 413 | 414 | 429 | 500 | 503

export interface Answer {
  status: AnswerStatus
  contentType: string
  body: string
}

const PLAIN_TEXT = 'text/plain; charset=utf-8'

/** A plain-text answer of one or more lines. */
export function plainText(status: AnswerStatus, text: string): Answer {
  return { status, contentType: PLAIN_TEXT, body: `${text}\n` }
}

/** A document, indented: people read it with curl. */
export function json(document: object): Answer {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(document, null, 2)}\n` }
}

const compressed = new WeakMap<Answer, Promise<Buffer>>()

/** Once an answer, for those that several get. */
async function compressedBody(answer: Answer): Promise<Buffer> {
  const known = compressed.get(answer) ?? compress(answer.body, { level: 4 })
  compressed.set(answer, known)
  return known
}

export type Env = { Bindings: HttpBindings }

/** Of the answer to come; without a value, or with an empty one, it has no such header. */
export function setHeader(context: Context<Env>, name: string, value?: string): void {
  if (value) context.env.outgoing.setHeader(name, value)
  else context.env.outgoing.removeHeader(name)
}

/**
 * Sends an answer, compressed when that pays and the client takes it. A HEAD request gets the same headers. It goes to Node as it is: as a
 * `Response` it would be copied into a stream, and read from there.
 */
export async function send(context: Context<Env>, answer: Answer): Promise<Response> {
  const { status, contentType, body } = answer
  const plain = Buffer.from(body)
  const isCompressed = plain.byteLength >= MIN_GZIP_BYTES && acceptsGzip(context.req.header('Accept-Encoding'))
  const bytes = isCompressed ? await compressedBody(answer) : plain
  setHeader(context, 'Content-Type', contentType)
  setHeader(context, 'Content-Length', String(bytes.byteLength))
  setHeader(context, 'Vary', 'Accept-Encoding')
  if (isCompressed) setHeader(context, 'Content-Encoding', 'gzip')
  const { outgoing } = context.env
  outgoing.statusCode = status
  outgoing.end(bytes)
  return RESPONSE_ALREADY_SENT
}
