import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { connectionKey } from './connection-key.ts'

/** How connections are made safe. */
export interface TlsSettings {
  context: SecureContextOptions
  /** Whether clients are asked for a certificate. Which ones do is not decided here. */
  requestCert: boolean
}

export interface TlsSource {
  /** What counts now: the same object until it changes. Asked at each connection and each request. */
  current(): TlsSettings
  /** A handshake came to nothing. */
  onHandshakeFailure(): void
}

export interface TlsListener {
  server: Server
  /** Whether the connection was made with settings that do not count any more: with an old client CA, or an old certificate. */
  isOutdated(socket: Socket): boolean
  /** Ends connections that are not yet, or still, HTTP's. */
  destroyAll(): void
}

/**
 * An HTTPS server whose certificate, client CA and policy may change while it listens.
 *
 * @throws Error when this Node keeps `requestCert` elsewhere: then this piece has to be looked at again
 */
export function createTlsListener(options: ServerOptions, source: TlsSource): TlsListener {
  let applied = source.current()
  const made = new Map<string, { socket: Socket; settings: TlsSettings }>()
  // A certificate that does not do is refused with a sentence, not by a connection that ends.
  const { context, requestCert } = applied
  const server = createServer({ ...options, ...context, requestCert, rejectUnauthorized: false })
  if (typeof Reflect.get(server, 'requestCert') !== 'boolean')
    throw new Error('this Node asks for client certificates in another way')

  const apply = (): void => {
    const settings = source.current()
    if (settings === applied) return
    server.setSecureContext(settings.context)
    Reflect.set(server, 'requestCert', settings.requestCert)
    applied = settings
  }
  server.prependListener('connection', (stream) => {
    // Nobody hands it anything else.
    const socket = stream as Socket
    apply()
    const key = connectionKey(socket)
    made.set(key, { socket, settings: applied })
    socket.once('close', () => made.get(key)?.socket === socket && made.delete(key))
  })
  server.on('tlsClientError', () => source.onHandshakeFailure())
  return {
    server,
    isOutdated(socket) {
      apply()
      return made.get(connectionKey(socket))?.settings !== applied
    },
    destroyAll() {
      for (const { socket } of made.values()) socket.destroy()
    },
  }
}
