import type { SwarmOptions } from './channel/messages.ts'
import type { LogLevel } from './log.ts'
import type { Names } from './mesh/names.ts'

/** One gossip network: its name (the label `network_id`) and what its swarm needs. */
export interface NetworkOptions {
  networkId: string
  swarm: SwarmOptions
}

/** Everything that a sidecar needs, validated. What `leanmesh check` accepts is what `leanmesh run` starts. */
export interface SidecarOptions {
  networks: NetworkOptions[]
  /** The names table; with `file` it is read again when the file changes. Absent: one series without a label. */
  names?: { table: Names; file?: string }
  http: { host: string; port: number; maxConnections: number }
  /** OpenTelemetry resource attributes, `service.name` included. */
  resource: Record<string, string>
  /** How long a scrape waits for a fresh snapshot, in milliseconds. */
  snapshotDeadlineMs: number
  log: { level: LogLevel; format: 'text' | 'json' }
}
