import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
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

/** Sends an answer, compressed when that pays and the client takes it. A HEAD request gets the same headers. */
export async function send(context: Context, answer: Answer): Promise<Response> {
  const { status, contentType, body } = answer
  const plain = Buffer.from(body)
  const isCompressed = plain.byteLength >= MIN_GZIP_BYTES && acceptsGzip(context.req.header('Accept-Encoding'))
  const bytes = isCompressed ? await compressedBody(answer) : plain
  context.header('Content-Type', contentType)
  context.header('Content-Length', String(bytes.byteLength))
  context.header('Vary', 'Accept-Encoding')
  if (isCompressed) context.header('Content-Encoding', 'gzip')
  return context.body(new Uint8Array(bytes), status)
}
