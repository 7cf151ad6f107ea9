/** An OTLP/HTTP receiver on loopback, over real sockets. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { decodeOtlpRequest, type OtlpRequest } from './otlp-request.ts'

interface Received extends OtlpRequest {
  url: string
  headers: IncomingHttpHeaders
}

export interface OtlpReceiver extends AsyncDisposable {
  url: string
  received: Received[]
  /** Resolves with the request of this index, counted from 0, once it is there. */
  request(index: number): Promise<Received>
}

export interface OtlpReceiverOptions {
  tls?: ServerOptions
  port?: number
  /** Default: 200 without a body. */
  answer?: (response: ServerResponse) => void
}

export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const received: Received[] = []
  const arrivals = new EventTarget()
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls)
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const raw = await buffer(request)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
    received.push({ ...decodeOtlpRequest(body), url: request.url ?? '', headers: request.headers })
    arrivals.dispatchEvent(new Event('request'))
    if (options.answer === undefined) response.end()
    else options.answer(response)
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void receive(request, response))
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http${options.tls === undefined ? '' : 's'}://127.0.0.1:${port}/v1/metrics`,
    received,
    async request(index) {
      while (received.length <= index) await once(arrivals, 'request')
      return received[index] as Received
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
