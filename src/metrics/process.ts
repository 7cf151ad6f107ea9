import type { NetworkState } from '../mesh/network-state.ts'
import type { ProcessUsage } from '../mesh/snapshot.ts'
import { sample, type Sample } from './sample.ts'

/** The process that the metrics plane runs in. */
export interface ProcessSource {
  usage(): ProcessUsage
  /** Seconds since the Unix epoch. */
  startTimeSeconds: number
}

/** What both planes use. A swarm that does not run keeps its CPU total, because a counter has no gaps. */
export function processSamples(source: ProcessSource, states: readonly NetworkState[]): Sample[] {
  const usage = source.usage()
  const plane = { plane: 'metrics', network_id: '' } as const
  return [
    sample('process_start_time_seconds', {}, source.startTimeSeconds),
    sample('process_cpu_seconds_total', plane, usage.cpuSeconds),
    ...levels(plane, usage),
    ...states.flatMap(swarmSamples),
  ]
}

function swarmSamples(state: NetworkState): Sample[] {
  const plane = { plane: 'swarm', network_id: state.networkId } as const
  return [
    sample('process_cpu_seconds_total', plane, state.cpuSeconds),
    ...(state.snapshot === undefined ? [] : levels(plane, state.snapshot.usage)),
  ]
}

function levels(plane: { plane: 'metrics' | 'swarm'; network_id: string }, usage: ProcessUsage): Sample[] {
  return [
    sample('process_resident_memory_bytes', plane, usage.residentBytes),
    sample('leanmesh_event_loop_lag_seconds', plane, usage.eventLoopLagSeconds),
  ]
}
