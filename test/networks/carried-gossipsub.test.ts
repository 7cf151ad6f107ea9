import { expect, it } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { Network } from '../../src/networks/network.ts'
import { fakeSwarms } from '../support/fake-swarms.ts'
import { silentLog } from '../support/silent-log.ts'

const SETTINGS = { networkId: '0', topics: [], backOff: { initialMs: 0, maxMs: 0 }, stableMs: 30_000 }

/** What a swarm says when gossipsub counted so many. */
const counted = (count: number) => ({
  gossipsub: {
    totals: [
      { metric: 'counter', labels: { topic: 'block' }, value: count },
      { metric: 'histogram', labels: {}, value: { counts: [count, 1], sum: count } },
    ],
    levels: [{ metric: 'level', labels: {}, value: count }],
  },
})

it('gossipsub’s totals add up over the lives of a swarm, and its levels end with each', async () => {
  const swarms = fakeSwarms()
  const deps = { launch: swarms.launch, names: () => NO_NAMES, now: () => 0, log: silentLog }
  const network = new Network(SETTINGS, deps)
  await network.start()
  expect(network.state().gossipsub).toBeUndefined()
  swarms.life().push(counted(5))
  expect(network.state().gossipsub).toEqual(counted(5).gossipsub)

  swarms.life().end()
  while (swarms.lives.length === 1) await new Promise(setImmediate)
  expect(network.state().gossipsub).toEqual({ ...counted(5).gossipsub, levels: [] })

  swarms.life().push(counted(2))
  expect(network.state().gossipsub).toEqual({
    totals: [
      { metric: 'counter', labels: { topic: 'block' }, value: 7 },
      { metric: 'histogram', labels: {}, value: { counts: [7, 2], sum: 7 } },
    ],
    levels: counted(2).gossipsub.levels,
  })
  await network.stop()
  expect(network.state().gossipsub?.totals).toMatchObject([{ value: 7 }, { value: { sum: 7 } }])
})
