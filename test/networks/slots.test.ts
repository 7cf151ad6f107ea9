import { expect, it } from 'vitest'
import { MAX_NETWORKS } from '../../src/mesh/network-state.ts'
import { createSlots } from '../../src/networks/slots.ts'
import { fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'

it('slots hold three networks and show them in order; one more is an error that names the limit and the network', () => {
  const slots = createSlots()
  for (let index = 0; index < MAX_NETWORKS; index++) {
    slots.attach(fakeNetwork(networkState({ networkId: `network-${index}` })))
  }
  expect(() => slots.attach(fakeNetwork(runningNetwork([], { networkId: 'fourth' })))).toThrow(/at most 3 .*fourth/)
  expect(slots.states().map(({ networkId }) => networkId)).toEqual(['network-0', 'network-1', 'network-2'])
})
