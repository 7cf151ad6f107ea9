/** The network: peers that go, links that are cut, lose, delay and reorder. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { fault } from './support/fault.ts'
import type { LinkFault } from './support/link-fault.ts'
import { until } from './support/sidecar-process.ts'
import { BLOCK } from './support/member.ts'
import { NOTICED_MS, type Stand } from './support/stand.ts'

/** The gauge reads 0 for all of them. */
async function untilEmpty(stand: Stand, timeoutMs: number): Promise<void> {
  const look = async () => ((await stand.scrape()).sum('lean_gossip_mesh_peers') === 0 ? true : undefined)
  await until('an empty mesh', look, timeoutMs)
}

/** For so long that a fault shows, when nothing else does. */
const BAD_WEATHER_MS = 15_000

async function endure(stand: Stand, weather: LinkFault): Promise<void> {
  stand.setLinks(weather)
  await delay(BAD_WEATHER_MS)
}

/** A message gets through: the mesh is not only said to be there. */
async function untilDelivered(stand: Stand, timeoutMs: number): Promise<void> {
  const [from, to] = stand.members
  if (!from || !to) throw new Error('two members are needed')
  const { received } = await to.peer.stats()
  const look = async () => {
    await from.peer.flood({ topic: BLOCK, bytes: 500, perSecond: 1, seconds: 1 })
    return (await to.peer.stats()).received > received ? true : undefined
  }
  await until('a message that was forwarded', look, timeoutMs)
}

describe('the network', () => {
  fault({
    name: 'every peer gone and back',
    expectation: 'the gauge reads 0 for each within 7 s; each is dialled on, at most 39 s apart',
    rightWithinMs: 45_000,
    async inflict(stand) {
      await stand.kill()
      await untilEmpty(stand, NOTICED_MS.quic)
      await stand.comeBack()
    },
  })

  fault({
    name: 'network cut, 8 s, and healed',
    expectation: 'over QUIC the gauge reads 0 within 7 s; over TCP nothing is noticed, and goes on',
    rightWithinMs: 25_000,
    async inflict(stand) {
      stand.setLinks({ isCut: true })
      await delay(8000)
      const now = await stand.scrape()
      for (const { name, transport } of stand.members) {
        expect(now.value('lean_gossip_mesh_peers', { client: name })).toBe(transport === 'quic' ? 0 : 1)
      }
      stand.setLinks({})
    },
  })

  fault({
    name: 'network cut, until nobody is left, and healed',
    expectation: 'the gauge reads 0 within 28 s, also over TCP, where 20 s of silence end a connection',
    rightWithinMs: 45_000,
    async inflict(stand) {
      stand.setLinks({ isCut: true })
      await untilEmpty(stand, NOTICED_MS.tcp)
      stand.setLinks({})
    },
  })

  fault({
    name: '30 % packet loss',
    expectation: 'a message still gets through while it lasts, and every peer is in the mesh after it',
    rightWithinMs: 25_000,
    async inflict(stand) {
      await endure(stand, { loss: 0.3 })
      await untilDelivered(stand, 20_000)
      stand.setLinks({})
    },
  })

  fault({
    name: '300 ms delay each way',
    expectation: 'no peer leaves the mesh, and a message gets through',
    rightWithinMs: 2000,
    async inflict(stand) {
      await endure(stand, { delayMs: 300 })
      expect((await stand.scrape()).sum('lean_gossip_mesh_peers')).toBe(stand.members.length)
      await untilDelivered(stand, 10_000)
      stand.setLinks({})
    },
  })

  fault({
    name: 'reordering, one datagram in three',
    expectation: 'no peer leaves the mesh, and a message gets through',
    rightWithinMs: 2000,
    async inflict(stand) {
      await endure(stand, { reordering: 0.33 })
      expect((await stand.scrape()).sum('lean_gossip_mesh_peers')).toBe(stand.members.length)
      await untilDelivered(stand, 10_000)
      stand.setLinks({})
    },
  })

  fault({
    name: 'a start in 30 % packet loss and 300 ms delay',
    expectation: 'a swarm that is killed meanwhile joins again all the same',
    rightWithinMs: 60_000,
    async inflict(stand) {
      stand.setLinks({ loss: 0.3, delayMs: 300 })
      process.kill(await stand.sidecar.swarmPid(), 'SIGKILL')
      await until(
        'a restart',
        async () => (await stand.scrape()).sum('leanmesh_swarm_restarts_total') || undefined,
        2000,
      )
    },
  })
})
