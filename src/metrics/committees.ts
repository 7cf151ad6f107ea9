import type { NetworkState } from '../mesh/network-state.ts'
import { attestationSubnet } from '../mesh/topics.ts'
import { sample, type Sample } from './sample.ts'

/** How many committees there are, as configured, and the companion's, as far as its subscriptions show it. */
export function committeeSamples(states: readonly NetworkState[]): Sample[] {
  const counts = states.flatMap(({ attestationCommittees }) => attestationCommittees ?? [])
  const [subnet] = states.flatMap((state) => companionSubnet(state) ?? [])
  return [
    ...(counts.length > 0 ? [sample('lean_attestation_committee_count', {}, Math.max(...counts))] : []),
    ...(subnet === undefined ? [] : [sample('lean_attestation_committee_subnet', {}, subnet)]),
  ]
}

function companionSubnet({ topics, attestationCommittees, snapshot }: NetworkState): number | undefined {
  const joined = topics.filter((topic) => attestationSubnet(topic) !== undefined)
  if (attestationCommittees === undefined || joined.length < attestationCommittees) return undefined
  const subnets = (snapshot?.companion?.topics ?? []).flatMap((topic) => attestationSubnet(topic) ?? [])
  return subnets.length === 1 ? subnets[0] : undefined
}
