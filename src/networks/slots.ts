import { LeanmeshError } from '../errors.ts'
import { MAX_NETWORKS, type NetworkSource, type NetworkState } from '../mesh/network-state.ts'

/** The fixed table of networks. A slot whose network does not run reads 0. */
export interface Slots {
  /** @throws LeanmeshError when every slot is taken */
  attach(network: NetworkSource): void
  states(): NetworkState[]
}

export function createSlots(): Slots {
  const slots: NetworkSource[] = []
  return {
    attach(network) {
      if (slots.length >= MAX_NETWORKS) {
        const message = `at most ${MAX_NETWORKS} networks fit one sidecar: run another one for ${network.networkId}`
        throw new LeanmeshError('ERR_TOO_MANY_NETWORKS', message)
      }
      slots.push(network)
    },
    states: () => slots.map((slot) => slot.state()),
  }
}
