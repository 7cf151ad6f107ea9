import { expect, test } from 'vitest'
import { prepare } from '../../src/cli/prepare.ts'
import { load } from '../support/settings.ts'

test('gossipsub’s own metrics are those of every network where they are asked for, and of none else', async () => {
  const yaml = 'networks: [{ name: a }, { name: b, listen: [/ip4/0.0.0.0/udp/9101/quic-v1] }]'
  const swarms = async (env: Record<string, string>) =>
    (await prepare(await load({ yaml, env }), { isTerminal: false })).options.networks.map(({ swarm }) => swarm)
  const asked = await swarms({ LEANMESH_GOSSIPSUB_METRICS: 'true' })
  expect(asked.map(({ gossipsubMetrics }) => gossipsubMetrics)).toEqual([true, true])
  for (const swarm of await swarms({})) expect(swarm).not.toHaveProperty('gossipsubMetrics')
})
