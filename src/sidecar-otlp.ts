import { OtlpReader } from './exporters/otlp-reader.ts'
import { createOtlpTransport } from './exporters/otlp-transport.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import type { Logger } from './log.ts'
import { version } from './version.ts'

/** The push by OTLP, its files read. */
export interface OtlpOptions {
  /** The whole URL, `/v1/metrics` included. */
  url: string
  headers: Record<string, string>
  compression: 'gzip' | 'none'
  /** PEM texts. */
  tls?: { ca?: string; cert?: string; key?: string }
  intervalMs: number
  /** A collection and its push, in milliseconds. */
  exportTimeoutMs: number
  /** One request, in milliseconds. */
  requestTimeoutMs: number
}

/** A reader that is not attached yet. */
export function createOtlpReader(options: OtlpOptions, onRejected: () => void, log: Logger): OtlpReader {
  const { url, headers, compression, requestTimeoutMs: timeoutMs, tls } = options
  const userAgent = `leanmesh/${version}`
  const transport = createOtlpTransport({ url, headers, compression, timeoutMs, userAgent, ...(tls && { tls }) })
  return new OtlpReader(
    {
      endpoint: url,
      intervalMs: options.intervalMs,
      timeoutMs: options.exportTimeoutMs,
      zeroWhenGone: ['lean_gossip_mesh_peers', 'lean_connected_peers'],
    },
    { transport, onRejected, nowMs: monotonicMs, log },
  )
}
