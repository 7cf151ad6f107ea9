import { sample, type Sample } from './sample.ts'

/** What a client says of itself, said by the sidecar. */
export function nodeSamples(version: string, startTimeSeconds: number): Sample[] {
  return [
    sample('lean_node_info', { name: 'leanmesh', version }, 1),
    // Whole seconds, as the clients have it.
    sample('lean_node_start_time_seconds', {}, Math.floor(startTimeSeconds)),
  ]
}
