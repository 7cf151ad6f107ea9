import { sample, type Sample } from './sample.ts'

/** The part of the admin server that is measured. */
export interface HttpSource {
  /** Connections closed because there were too many, since the start. */
  droppedConnections(): number
}

export function httpSamples(source: HttpSource): Sample[] {
  return [sample('leanmesh_http_connections_dropped_total', {}, source.droppedConnections())]
}
