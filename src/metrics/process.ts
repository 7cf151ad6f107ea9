import type { NetworkState } from '../mesh/network-state.ts'
import type { ProcessUsage } from '../mesh/snapshot.ts'
import { sample, type Sample } from './sample.ts'

/** The process that the metrics plane runs in. */
export interface ProcessSource {
  usage(): ProcessUsage
  /** Seconds since the Unix epoch. */
  startTimeSeconds: number
}

/** CPU seconds of the swarms of each network, those that died included. */
export type CpuTotals = (state: NetworkState) => number | undefined

/** What both planes use. A swarm that does not run keeps its CPU total, because a counter has no gaps. */
export function processSamples(source: ProcessSource, states: readonly NetworkState[], cpuTotals: CpuTotals): Sample[] {
  const usage = source.usage()
  const plane = { plane: 'metrics', network_id: '' } as const
  return [
    sample('process_start_time_seconds', {}, source.startTimeSeconds),
    sample('process_cpu_seconds_total', plane, usage.cpuSeconds),
    ...levels(plane, usage),
    ...states.flatMap((state) => swarmSamples(state, cpuTotals(state))),
  ]
}

function swarmSamples(state: NetworkState, cpuSeconds: number | undefined): Sample[] {
  const plane = { plane: 'swarm', network_id: state.networkId } as const
  return [
    ...(cpuSeconds === undefined ? [] : [sample('process_cpu_seconds_total', plane, cpuSeconds)]),
    ...(state.snapshot === undefined ? [] : levels(plane, state.snapshot.usage)),
  ]
}

function levels(plane: { plane: 'metrics' | 'swarm'; network_id: string }, usage: ProcessUsage): Sample[] {
  return [
    sample('process_resident_memory_bytes', plane, usage.residentBytes),
    sample('leanmesh_event_loop_lag_seconds', plane, usage.eventLoopLagSeconds),
  ]
}

/**
 * Adds up the CPU time of successive swarms. A new one is known by a restart that was counted, or by a value that went
 * back; what a swarm used after its last snapshot is lost.
 */
export function createCpuTotals(): CpuTotals {
  const totals = new Map<string, { carried: number; last: number; restarts: number }>()
  return (state) => {
    const known = totals.get(state.networkId)
    const last = state.snapshot?.usage.cpuSeconds
    if (last === undefined) return known && known.carried + known.last
    const restarts = Object.values(state.restarts).reduce((sum, count) => sum + count, 0)
    const isNewSwarm = known !== undefined && (restarts !== known.restarts || last < known.last)
    const carried = (known?.carried ?? 0) + (isNewSwarm ? known.last : 0)
    totals.set(state.networkId, { carried, last, restarts })
    return carried + last
  }
}
