/** Many sidecars in this process, each with a port of its own, as seen by who scrapes them and by who is pushed to. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { createOtlpTransport } from '../../src/exporters/otlp-transport.ts'
import type { Simulation } from './simulated-sidecar.ts'

const compress = promisify(gzip)
/** As the sidecar does. */
const LEVEL = 4

export interface Fleet extends AsyncDisposable {
  /** `host:port` of each. */
  targets: string[]
}

export async function startFleet(size: number, simulation: Simulation): Promise<Fleet> {
  const servers = Array.from({ length: size }, (_, sidecar) => sidecarServer(sidecar, simulation))
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    targets: servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function sidecarServer(sidecar: number, simulation: Simulation): Server {
  let scrapes = 0
  return createServer((request, response) => {
    const body = simulation.exposition(sidecar, scrapes++)
    const isCompressed = request.headers['accept-encoding']?.includes('gzip') ?? false
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    if (isCompressed) response.setHeader('Content-Encoding', 'gzip')
    const encoded = isCompressed ? compress(body, { level: LEVEL }) : Promise.resolve(body)
    encoded.then(
      (bytes) => response.end(bytes),
      () => response.destroy(),
    )
  })
}

export interface PushOptions {
  /** How many sidecars push. */
  size: number
  /** The whole URL. */
  url: string
  /** Of each sidecar. They are spread over it. */
  intervalMs: number
  signal: AbortSignal
}

export interface Pushing {
  /** Pushes that failed so far. */
  failed(): number
  ended: Promise<void>
}

/** Pushes as that many sidecars until the signal. */
export function pushFrom(simulation: Simulation, { size, url, intervalMs, signal }: PushOptions): Pushing {
  const options = { url, headers: {}, compression: 'none' as const, timeoutMs: intervalMs, userAgent: 'bench' }
  const transport = createOtlpTransport(options)
  const pending = new Set<Promise<void>>()
  let failed = 0

  async function push(count: number): Promise<void> {
    const body = simulation.push(count % size, Math.floor(count / size))
    const outcome = await transport.send(body, signal)
    if (!outcome.ok && !signal.aborted) failed++
  }

  async function pushAll(): Promise<void> {
    const startedAt = performance.now()
    for (let count = 0; !signal.aborted; count++) {
      const one = push(count).finally(() => pending.delete(one))
      pending.add(one)
      const waitMs = startedAt + ((count + 1) * intervalMs) / size - performance.now()
      if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined)
    }
    await Promise.all(pending)
  }

  return { failed: () => failed, ended: pushAll() }
}
