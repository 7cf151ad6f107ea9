import { HTTP_REFUSAL_REASONS, type HttpRefusalReason } from './sidecar-rows.ts'
import { sample, type Sample } from './sample.ts'

/** The part of the admin server that is measured. */
export interface HttpSource {
  /** Connections closed because there were too many, since the start. */
  droppedConnections(): number
  /** Requests and handshakes refused since the start. Absent: nothing is asked of anybody. */
  refusals?: (() => Readonly<Record<HttpRefusalReason, number>>) | undefined
}

export function httpSamples(source: HttpSource): Sample[] {
  const refusals = source.refusals?.()
  return [
    sample('leanmesh_http_connections_dropped_total', {}, source.droppedConnections()),
    ...(refusals
      ? HTTP_REFUSAL_REASONS.map((reason) => sample('leanmesh_http_refused_total', { reason }, refusals[reason]))
      : []),
  ]
}
