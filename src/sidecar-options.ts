import type { SwarmOptions } from './channel/messages.ts'
import type { LogLevel } from './log.ts'
import type { Names } from './mesh/names.ts'
import type { OtlpOptions } from './sidecar-otlp.ts'

/** One gossip network: its name (the label `network_id`) and what its swarm needs. */
export interface NetworkOptions {
  networkId: string
  swarm: SwarmOptions
  /** ATTESTATION_COMMITTEE_COUNT of the genesis config; absent without one. */
  attestationCommittees?: number
  /** How large its swarm may be, in MiB. Absent: however large. */
  memoryLimitMib?: number
  /** Where the companion serves its own metrics. */
  companionMetrics?: string
}

/** Everything that a sidecar needs, validated. What `leanmesh check` accepts is what `leanmesh run` starts. */
export interface SidecarOptions {
  networks: NetworkOptions[]
  /**
   * The names table. With `file` it is read again when the file changes; `devnet` holds the names of the embedded network
   * beside it. Absent: one series without a label.
   */
  names?: { table: Names; file?: string; devnet?: Names }
  http: { host: string; port: number; maxConnections: number }
  /** The path of a web config: TLS and users of the HTTP server. Absent: neither. */
  webConfig?: string
  /** Whether /metrics is served. */
  isScraped: boolean
  /** Absent: nothing is pushed. */
  otlp?: OtlpOptions
  /** Peers of an embedded local network to start beside it, for trying it out; 0 for none. */
  devnet: number
  /** OpenTelemetry resource attributes, `service.name` included. */
  resource: Record<string, string | number>
  /** Whether lean_node_info and lean_node_start_time_seconds are exported. Default false. */
  hasLeanNodeInfo?: boolean
  /** How long a scrape waits for a fresh snapshot, in milliseconds. */
  snapshotDeadlineMs: number
  log: { level: LogLevel; format: 'text' | 'json' }
}
