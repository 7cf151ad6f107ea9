export { LeanmeshError } from './errors.ts'
export {
  gossipsubMetricsRegister,
  type GossipsubMetrics,
  type GossipsubMetricsOptions,
} from './gossipsub-metrics-register.ts'
export { NAME_PATTERN, UNKNOWN_NAME, type Names } from './mesh/names.ts'
export { observeMesh, type MeshObservation, type MeshPubSub, type ObserveMeshOptions } from './observe.ts'
