import { messageAgesSeconds, type NetworkState } from '../mesh/network-state.ts'
import { sample, type Sample } from './sample.ts'

/** How long ago messages came, and what they say of the clock. Nothing of a network that does not run. */
export function messageSamples(states: readonly NetworkState[], nowMs: number): Sample[] {
  return states.flatMap((state) => [...ages(state, nowMs), ...clock(state)])
}

function ages(state: NetworkState, nowMs: number): Sample[] {
  return messageAgesSeconds(state, nowMs).map(([topic_kind, seconds]) =>
    sample('leanmesh_last_message_age_seconds', { network_id: state.networkId, topic_kind }, seconds),
  )
}

function clock({ networkId, snapshot }: NetworkState): Sample[] {
  const { state, offsetSeconds } = snapshot?.messages.clock ?? { state: 'untimed' }
  if (state === 'untimed' || state === 'unjudged') return []
  const network = { network_id: networkId }
  const suspect = sample('leanmesh_clock_suspect', network, state === 'suspect' ? 1 : 0)
  return offsetSeconds === undefined
    ? [suspect]
    : [suspect, sample('leanmesh_clock_offset_seconds', network, offsetSeconds)]
}
