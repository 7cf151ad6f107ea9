/** Somebody's `/metrics` on loopback, over real sockets. */
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface MetricsServer extends AsyncDisposable {
  url: string
}

export const TEXT_TYPE = 'text/plain; version=0.0.4'

export function serveMetrics(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<MetricsServer> {
  const server = createHttpServer((request, response) => {
    // Who reads may hang up at any moment.
    response.on('error', () => {})
    answer(response, request)
  })
  return listening(server, () => server.closeAllConnections())
}

export function serveText(text: string | Uint8Array, headers: Record<string, string> = {}): Promise<MetricsServer> {
  return serveMetrics((response) => {
    response.writeHead(200, { 'Content-Type': TEXT_TYPE, ...headers }).end(text)
  })
}

/** For answers that no HTTP server would give. */
export function serveSocket(answer: (socket: Socket) => void): Promise<MetricsServer> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  return listening(server, () => sockets.forEach((socket) => socket.destroy()))
}

async function listening(server: Server, hangUp: () => void): Promise<MetricsServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      hangUp()
      await closed
    },
  }
}

/** Writes what `next` gives until it gives nothing or the reader hangs up, no faster than it is read. Gives the bytes written. */
export async function writeAll(response: ServerResponse, next: () => Uint8Array | undefined): Promise<number> {
  const hungUp = new AbortController()
  response.once('close', () => hungUp.abort())
  let bytes = 0
  for (let chunk = next(); chunk !== undefined && !hungUp.signal.aborted; chunk = next()) {
    bytes += chunk.length
    if (!response.write(chunk)) await once(response, 'drain', hungUp).catch(() => undefined)
  }
  response.end()
  return bytes
}
