/** What a swarm measures of the messages that peers send it: when they came, who brought them first, and their copies. */
import { randomBytes } from 'node:crypto'
import { compressSync } from 'snappy'
import { describe, expect, it, vi } from 'vitest'
import { devnetBlock } from '../../src/devnet/messages.ts'
import { SLOT_MS } from '../../src/mesh/slot-clock.ts'
import { swarmTotalSamples } from '../../src/metrics/swarm-totals.ts'
import type { Names } from '../../src/mesh/names.ts'
import { networkState } from '../support/network-states.ts'
import { type PlainPeer, startPlainPeer } from '../support/plain-peer.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

/** Slot 250 is about to end, or has just begun. */
const genesisTimeSeconds = Math.round(Date.now() / 1000) - 1000
const slotNow = () => Math.floor((Date.now() / 1000 - genesisTimeSeconds) / (SLOT_MS / 1000))

/** A swarm in the mesh of these peers, which do not know each other. */
async function measured(count: number) {
  const stack = new AsyncDisposableStack()
  const peers: PlainPeer[] = []
  for (let index = 0; index < count; index++) peers.push(stack.use(await startPlainPeer()))
  const targets = peers.map(({ id, addresses }) => ({ peerId: id, addresses }))
  const swarm = stack.use(await startTestSwarm({ peers: targets, genesisTimeSeconds }))
  await Promise.all(peers.map((peer) => peer.untilMeshed([swarm.id])))
  await swarm.until('meshed with all', meshIs(...peers.map(({ id }) => id)))
  return { peers, swarm, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function untilAccepted(swarm: TestSwarm, messages: number): Promise<void> {
  const accepted = () => swarm.counter('leanmesh_gossip_messages_total', { result: 'accepted' })
  await vi.waitFor(() => expect(accepted()).toBe(messages), { timeout: 10_000, interval: 10 })
}

const block = (slot: number) => compressSync(devnetBlock(slot))

/** First deliveries of blocks, by name, as a scrape shows them with this table of names. */
function firstDeliveries(swarm: TestSwarm, names: Names): Record<string, number> {
  const states = [networkState({ totals: swarm.swarm.snapshot().totals })]
  const samples = swarmTotalSamples(states, names, (reason) => expect.unreachable(reason))
  const blocks = samples.filter(
    ({ metric, labels }) => metric === 'leanmesh_first_delivery_total' && labels['topic_kind'] === 'block',
  )
  return Object.fromEntries(blocks.map(({ labels, value }) => [labels['client'], Number(value)]))
}

describe('a swarm', () => {
  it('counts the copies of a message beside the first one', async () => {
    await using network = await measured(3)
    const { peers, swarm } = network
    const wire = block(slotNow())
    await Promise.all(peers.map((peer) => peer.publish(wire)))
    await untilAccepted(swarm, 1)
    await vi.waitFor(() => expect(swarm.counter('leanmesh_duplicates_total', { topic_kind: 'block' })).toBe(2), {
      timeout: 5000,
      interval: 10,
    })
    expect(swarm.counter('leanmesh_duplicates_total', {})).toBe(2)
    expect(swarm.counter('leanmesh_first_delivery_total', { topic_kind: 'block' })).toBe(1)
  })

  it('has a 0 for who is connected and has not delivered, by the name that it has now', async () => {
    await using network = await measured(1)
    const { peers, swarm } = network
    const [peer] = peers as [PlainPeer]
    const named = (name: string) => {
      const names = new Map([[peer.id, name]])
      swarm.swarm.setNames(names)
      return names
    }
    expect(firstDeliveries(swarm, named('zeam_0'))).toEqual({ unknown: 0, zeam_0: 0 })
    await peer.publish(block(slotNow()))
    await untilAccepted(swarm, 1)
    expect(firstDeliveries(swarm, named('zeam_0'))).toEqual({ unknown: 0, zeam_0: 1 })
    // Renamed, without a message meanwhile.
    expect(firstDeliveries(swarm, named('ream_7'))).toEqual({ unknown: 0, ream_7: 0 })
    await peer.publish(block(slotNow()))
    await untilAccepted(swarm, 2)
    expect(firstDeliveries(swarm, named('ream_7'))).toEqual({ unknown: 0, ream_7: 1 })
    const nobody = new Map<string, string>()
    swarm.swarm.setNames(nobody)
    await peer.publish(block(slotNow()))
    await untilAccepted(swarm, 3)
    expect(firstDeliveries(swarm, nobody)).toEqual({ unknown: 1 })
    // A name that comes back goes on counting where it was.
    expect(firstDeliveries(swarm, named('zeam_0'))).toEqual({ unknown: 1, zeam_0: 1 })
  })

  it('knows when the last message of each kind came, and nothing of kinds that did not', async () => {
    await using network = await measured(1)
    const { peers, swarm } = network
    expect(swarm.swarm.snapshot().messages.lastAcceptedAtMs).toEqual({})
    await peers[0]?.publish(block(slotNow()))
    await untilAccepted(swarm, 1)
    const { takenAtMs, messages } = swarm.swarm.snapshot()
    expect(Object.keys(messages.lastAcceptedAtMs)).toEqual(['block'])
    expect(takenAtMs - (messages.lastAcceptedAtMs.block ?? 0)).toBeLessThan(10_000)
  })

  it('is not made to doubt its clock by a peer that floods with slots far away and with noise, and counts it all', async () => {
    await using network = await measured(2)
    const { peers, swarm } = network
    const [hostile, honest] = peers as [PlainPeer, PlainPeer]
    const far = Array.from({ length: 200 }, (_, index) => block(index % 2 === 0 ? index : 2 ** 32 - index))
    const noise = Array.from({ length: 200 }, () => compressSync(randomBytes(64)))
    const seriesBefore = swarm.swarm.snapshot().totals.length
    for (const wire of [...far, ...noise]) await hostile.publish(wire)
    await honest.publish(block(slotNow()))
    await untilAccepted(swarm, 401)
    const timed = swarm.counter('lean_gossip_block_arrival_total', {})
    expect(timed + swarm.counter('leanmesh_untimed_messages_total', { reason: 'clock' })).toBe(401)
    expect(timed).toBeGreaterThanOrEqual(1)
    const { totals, messages } = swarm.swarm.snapshot()
    expect(messages.clock.state).not.toBe('suspect')
    expect(totals).toHaveLength(seriesBefore)
    expect(swarm.mesh()).toEqual([hostile.id, honest.id].sort())
  })
})
