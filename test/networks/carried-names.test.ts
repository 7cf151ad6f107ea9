import { expect, it } from 'vitest'
import type { Names } from '../../src/mesh/names.ts'
import { Network } from '../../src/networks/network.ts'
import { fakeSwarms } from '../support/fake-swarms.ts'
import { silentLog } from '../support/silent-log.ts'

const SETTINGS = { networkId: '0', topics: [], backOff: { initialMs: 0, maxMs: 0 }, stableMs: 30_000 }
const totalOf = (client: string) => ({ metric: 'connections', labels: { client }, value: 1 })

it('names that left the table are not carried over to the next swarm, so they do not add up', async () => {
  const swarms = fakeSwarms()
  let names: Names = new Map([['a', 'zeam_0']])
  const network = new Network(SETTINGS, { launch: swarms.launch, names: () => names, now: () => 0, log: silentLog })
  await network.start()
  for (let life = 1; life <= 3; life++) {
    swarms.life().push({ totals: [totalOf(`zeam_${life - 1}`), totalOf('unknown')] })
    names = new Map([['a', `zeam_${life}`]])
    swarms.life().end()
    while (swarms.lives.length === life) await new Promise(setImmediate)
    expect(network.state().totals).toEqual([{ ...totalOf('unknown'), value: life }])
  }
  await network.stop()
})
