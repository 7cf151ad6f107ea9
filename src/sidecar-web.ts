import type { TlsSource } from './http/tls-listener.ts'
import { monotonicMs } from './lifecycle/clock.ts'
import type { Logger } from './log.ts'
import type { HttpSource } from './metrics/http.ts'
import type { Refresher } from './metrics/refreshers.ts'
import { createWebGuard, type WebGuard } from './web-config/guard.ts'
import type { TlsMaterial } from './web-config/tls-material.ts'
import { watchWebConfig } from './web-config/watched-web-config.ts'

/** What the web config makes of the HTTP server. */
export interface Web {
  guard: WebGuard
  refusals: NonNullable<HttpSource['refusals']>
  /** Absent: plain HTTP. */
  tls: TlsSource | undefined
  refresher: Refresher
}

/** @throws LeanmeshError when the file is bad */
export function createWeb(path: string | undefined, log: Logger): Web | undefined {
  if (path === undefined) return undefined
  const source = watchWebConfig(path, log)
  const guard = createWebGuard(source, monotonicMs)
  let last: TlsMaterial | undefined = source.current().material
  let handshakeFailures = 0
  return {
    guard,
    tls: last && {
      // With TLS at the start there is always some: the watch sees to it.
      current: () => (last = source.current().material ?? last) as TlsMaterial,
      onHandshakeFailure: () => void (handshakeFailures += 1),
    },
    refresher: { name: 'web_config', refresh: () => source.refresh() },
    refusals: () => ({ ...guard.refusals(), handshake: handshakeFailures }),
  }
}
