import { COMPANION_STATES } from '../mesh/companion-state.ts'
import type { NetworkState } from '../mesh/network-state.ts'
import { sample, type Sample } from './sample.ts'

/** Of each network with a companion, every state: exactly one of them is 1. */
export function companionSamples(states: readonly NetworkState[]): Sample[] {
  return states.flatMap(({ networkId: network_id, companion }) =>
    companion === undefined
      ? []
      : COMPANION_STATES.map((state) =>
          sample('leanmesh_companion_state', { network_id, state }, state === companion.state ? 1 : 0),
        ),
  )
}
