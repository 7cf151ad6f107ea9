import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { limitConnections } from './connection-limit.ts'
import { listenError } from './listen-error.ts'
import { createRoutes, type RouteDeps } from './routes.ts'
import { createTlsListener, type TlsListener, type TlsSource } from './tls-listener.ts'

export interface AdminServerOptions {
  /** An address or a name of this machine. */
  host: string
  /** 0 takes any free port. */
  port: number
  /** One beyond this makes one close: see `limitConnections`. */
  maxConnections: number
  /** Absent: plain HTTP. */
  tls?: TlsSource | undefined
  /** Default: `DEFAULT_LIMITS`. */
  limits?: Partial<AdminServerLimits>
}

/** All in milliseconds. */
export interface AdminServerLimits {
  /** From the connection to the last header. */
  headersTimeoutMs: number
  /** From the connection to the end of the request. */
  requestTimeoutMs: number
  /** How long an idle connection is kept: longer than the usual scrape interval, so that a scraper can use it again. */
  keepAliveTimeoutMs: number
  /** How long a connection may neither send nor take anything. */
  inactivityTimeoutMs: number
  /** How often the first two are looked at. */
  checkIntervalMs: number
  /** What a request in flight gets when the server stops. */
  stopDeadlineMs: number
}

const DEFAULT_LIMITS: AdminServerLimits = {
  headersTimeoutMs: 5000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  inactivityTimeoutMs: 30_000,
  checkIntervalMs: 1000,
  stopDeadlineMs: 1000,
}

const MAX_HEADER_BYTES = 8192
const MAX_HEADERS = 64

/** The base URL of a bound address, with a slash at its end. */
function urlOf({ address, family, port }: AddressInfo, scheme: string): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}/`
}

/** The parent's HTTP: metrics, health checks and the status page. */
export class AdminServer {
  readonly #options: AdminServerOptions
  readonly #limits: AdminServerLimits
  readonly #deps: RouteDeps
  #server: Server | undefined
  #tls: TlsListener | undefined
  #started: Promise<string> | undefined
  #stopped: Promise<void> | undefined
  #droppedConnections = 0

  constructor(options: AdminServerOptions, deps: RouteDeps) {
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#deps = deps
  }

  /** Connections closed because there were too many, since the server was made. */
  get droppedConnections(): number {
    return this.#droppedConnections
  }

  /**
   * Listens, and resolves with the base URL, the real port in it. Starting again gives the same URL.
   *
   * @throws LeanmeshError `ERR_HTTP_…` that names the setting to change
   */
  async start(): Promise<string> {
    this.#started ??= this.#listen()
    return this.#started
  }

  /** Closes idle connections at once and the others after a short deadline. Safe without `start`, and more than once. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  async #listen(): Promise<string> {
    const { host, port } = this.#options
    const server = this.#createServer()
    this.#server = server
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    server.once('error', (error) => reject(listenError(error, { host, port })))
    server.listen({ host, port }, () => {
      server.on('error', (error) => this.#deps.log.warn({ err: error }, 'the admin server had an error'))
      resolve(urlOf(server.address() as AddressInfo, this.#tls ? 'https' : 'http'))
    })
    return promise
  }

  #createServer(): Server {
    const limits = this.#limits
    const routes = createRoutes(this.#deps)
    // With Hono's own `Response` an answer to HEAD, which `send` has sent already, would be sent once more.
    const listener = getRequestListener(routes.fetch, { hostname: 'localhost', overrideGlobalObjects: false })
    const options = {
      connectionsCheckingInterval: limits.checkIntervalMs,
      headersTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: limits.requestTimeoutMs,
      handshakeTimeout: limits.headersTimeoutMs,
    }
    const { tls } = this.#options
    this.#tls = tls && createTlsListener(options, tls)
    const server: Server = this.#tls?.server ?? createServer(options)
    server.maxHeadersCount = MAX_HEADERS
    server.setTimeout(limits.inactivityTimeoutMs)
    limitConnections(server, this.#options.maxConnections, () => this.#onConnectionClosed())
    server.on('request', (request, response) => {
      // A connection that becomes idle during a stop has nothing more to say.
      response.once('close', () => this.#stopped && setImmediate(() => server.closeIdleConnections()))
      // Who kept it makes a new one and asks again, as an idle connection may end at any time.
      if (this.#tls?.isOutdated(request.socket) === true) request.socket.destroy()
      else void listener(request, response)
    })
    return server
  }

  #onConnectionClosed(): void {
    this.#droppedConnections += 1
    const { maxConnections } = this.#options
    this.#deps.log.debug({ maxConnections, dropped: this.#droppedConnections }, 'too many HTTP connections: closed one')
  }

  async #close(): Promise<void> {
    // A failed start has been reported to who asked for it.
    await this.#started?.catch(() => undefined)
    const server = this.#server
    if (server?.listening !== true) return
    const deadline = setTimeout(() => {
      server.closeAllConnections()
      this.#tls?.destroyAll()
    }, this.#limits.stopDeadlineMs)
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    await promise
    clearTimeout(deadline)
  }
}
