import { DROP_REASONS, RESTART_REASONS, snapshotAgeSeconds, type NetworkState } from '../mesh/network-state.ts'
import { sample, type Sample } from './sample.ts'

/** How each network stands, and what was counted of its swarm's lives. Every reason has its series from the start. */
export function networkSamples(states: readonly NetworkState[], nowMs: number): Sample[] {
  return states.flatMap((state) => [...standing(state, nowMs), ...supervision(state)])
}

function standing(state: NetworkState, nowMs: number): Sample[] {
  const network = { network_id: state.networkId }
  const samples = [
    sample('lean_gossip_mesh_running', network, state.phase === 'running' ? 1 : 0),
    sample('leanmesh_connected_peers', network, state.snapshot?.connectedPeers.length ?? 0),
  ]
  const ageSeconds = snapshotAgeSeconds(state, nowMs)
  return ageSeconds === undefined ? samples : [...samples, sample('leanmesh_snapshot_age_seconds', network, ageSeconds)]
}

function supervision(state: NetworkState): Sample[] {
  const network_id = state.networkId
  return [
    ...RESTART_REASONS.map((reason) =>
      sample('leanmesh_swarm_restarts_total', { network_id, reason }, state.restarts[reason]),
    ),
    sample('leanmesh_swarm_warnings_total', { network_id }, state.warnings),
    ...DROP_REASONS.map((reason) =>
      sample('leanmesh_swarm_command_dropped_total', { network_id, reason }, state.droppedCommands[reason]),
    ),
  ]
}
