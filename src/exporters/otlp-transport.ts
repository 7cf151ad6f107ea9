import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { failureOfError, failureOfStatus, type OtlpOutcome } from './otlp-failure.ts'

export interface OtlpTransportOptions {
  /** The whole URL, `/v1/metrics` included. */
  url: string
  /** They may hold secrets: never in a log or an error. */
  headers: Readonly<Record<string, string>>
  compression: 'gzip' | 'none'
  /** How long one request may take, in milliseconds. */
  timeoutMs: number
  userAgent: string
  /** PEM texts: the authority that the receiver's certificate is checked by, and the client's own certificate and key. */
  tls?: { ca?: string; cert?: string; key?: string }
}

export interface OtlpTransport {
  /** Sends one request. Settles by the timeout, or when `signal` aborts; never rejects. */
  send(body: Uint8Array, signal: AbortSignal): Promise<OtlpOutcome>
}

/** More than any receiver has to say. */
const MAX_RESPONSE_BYTES = 64 * 1024

const compress = promisify(gzip)

/**
 * OTLP/HTTP with protobuf. A connection a push: one that idled for a minute is as likely closed by the receiver as not.
 * The stock exporter does not fit: it drops the status of 429 and 502 to 504, and a retry of its cannot be ended.
 */
export function createOtlpTransport(options: OtlpTransportOptions): OtlpTransport {
  const url = new URL(options.url)
  return {
    async send(body, signal) {
      try {
        const payload = options.compression === 'gzip' ? await compress(body) : body
        return await post(url, options, payload, AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]))
      } catch (error) {
        return failureOfError(error)
      }
    },
  }
}

async function post(
  url: URL,
  options: OtlpTransportOptions,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<OtlpOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<OtlpOutcome>()
  const headers = {
    ...options.headers,
    'Content-Type': 'application/x-protobuf',
    'Content-Length': body.byteLength,
    ...(options.compression === 'gzip' && { 'Content-Encoding': 'gzip' }),
    'User-Agent': options.userAgent,
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, { method: 'POST', agent: false, headers, signal, ...options.tls }, (response) => {
    request.off('close', onClose)
    outcomeOf(response).then(resolve, reject)
  })
  request.on('error', reject)
  // Node tells of a switch to another protocol by neither a response nor an error.
  const onClose = () => reject(Object.assign(new Error('hung up'), { code: 'ECONNRESET' }))
  request.on('close', onClose)
  request.end(body)
  try {
    return await promise
  } finally {
    // What the receiver goes on saying is of no interest.
    request.destroy()
  }
}

async function outcomeOf(response: IncomingMessage): Promise<OtlpOutcome> {
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) return failureOfStatus(status, response.headers['retry-after'])
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > MAX_RESPONSE_BYTES) return { ok: true }
    chunks.push(chunk)
  }
  const rejected = rejectedPoints(Buffer.concat(chunks))
  if (rejected === 0) return { ok: true }
  return { ok: false, reason: 'partial', detail: `${rejected} data points were refused`, isRetryable: false }
}

/** A receiver that takes the request may still say that it refused some of it. */
function rejectedPoints(body: Uint8Array): number {
  try {
    return ProtobufMetricsSerializer.deserializeResponse(body).partialSuccess?.rejectedDataPoints ?? 0
  } catch {
    // Not protobuf, as of a proxy: the status says that it was taken.
    return 0
  }
}
