import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { AdminServer, type AdminServerOptions } from '../../src/http/admin-server.ts'
import type { RouteDeps } from '../../src/http/routes.ts'
import { meshDocument } from '../support/mesh-fixture.ts'

const silent = (): void => undefined

/** Deps that answer at once, any of them replaced. */
export function routeDeps(changes: Partial<RouteDeps> = {}): RouteDeps {
  return {
    scrape: async () => ({ ok: true, body: 'lean_gossip_mesh_peers 7\n', contentType: 'text/plain; version=0.0.4' }),
    mesh: () => meshDocument(),
    history: () => [],
    ready: () => ({ ready: true, reason: 'ready' }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...changes,
  }
}

/** A server on a free port, stopped when the test ends. */
export async function startServer(
  deps: Partial<RouteDeps> = {},
  options: Partial<AdminServerOptions> = {},
): Promise<{ server: AdminServer; url: string; port: number }> {
  const server = new AdminServer({ host: '127.0.0.1', port: 0, maxConnections: 16, ...options }, routeDeps(deps))
  onTestFinished(async () => server.stop())
  const url = await server.start()
  return { server, url, port: Number(new URL(url).port) }
}

/** A TCP connection, for what no HTTP client would do. `text` resolves with all that was received once it is closed. */
export async function rawConnection(port: number): Promise<{ socket: Socket; text: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const chunks: Buffer[] = []
  const text = Promise.withResolvers<string>()
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.once('close', () => text.resolve(Buffer.concat(chunks).toString('latin1')))
  const connected = Promise.withResolvers<void>()
  socket.once('connect', connected.resolve)
  socket.once('close', connected.resolve)
  await connected.promise
  return { socket, text: text.promise }
}

/** One request, its raw answer; the server closes the connection after it. */
export async function rawRequest(port: number, head: string): Promise<string> {
  const { socket, text } = await rawConnection(port)
  socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`)
  return text
}
