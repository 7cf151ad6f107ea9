import { randomBytes } from 'node:crypto'
import { compressSync, uncompressSync } from 'snappy'
import { describe, expect, it, vi } from 'vitest'
import { BLOCK } from '../support/network-states.ts'
import { type PlainPeer, startPlainPeer } from '../support/plain-peer.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const MIB = 1024 * 1024
const SMALL_LIMIT = 64 * 1024
/** D_high: 7 MiB for each of them are more than all streams together may hold. */
const FULL_MESH = 12
const block = (text: string) => compressSync(Buffer.from(text))

/** A swarm between two peers that do not know each other. */
async function between(transport: 'quic' | 'tcp', maxMessageBytes?: number) {
  const stack = new AsyncDisposableStack()
  const sender = stack.use(await startPlainPeer({ transport }))
  const receiver = stack.use(await startPlainPeer({ transport }))
  const peers = [sender, receiver].map(({ id, addresses }) => ({ peerId: id, addresses }))
  const swarm = stack.use(await startTestSwarm({ peers, ...(maxMessageBytes && { maxMessageBytes }) }))
  await Promise.all([sender.untilMeshed([swarm.id]), receiver.untilMeshed([swarm.id])])
  await swarm.until('between both', meshIs(sender.id, receiver.id))
  return { sender, receiver, swarm, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const count = (swarm: TestSwarm, result: string) => swarm.counter('leanmesh_gossip_messages_total', { result })

async function untilReceived(peer: PlainPeer, messages: number): Promise<void> {
  await vi.waitFor(() => expect(peer.received.length).toBe(messages), { timeout: 10_000, interval: 10 })
}

describe.concurrent('a swarm that gets messages', () => {
  it('forwards what decodes, as it came, and nothing of its own', async () => {
    await using network = await between('quic')
    const { sender, receiver, swarm } = network
    await sender.publish(block('lean'))
    await untilReceived(receiver, 1)
    expect(Buffer.from(receiver.received[0] ?? [])).toEqual(block('lean'))
    expect(swarm.counter('leanmesh_gossip_messages_total', { topic_kind: 'block', result: 'accepted' })).toBe(1)
    expect(sender.received).toEqual([])
  })

  it.each([
    ['garbage', Buffer.from('ffffffffffffff', 'hex'), 'undecodable'],
    ['no data at all', Buffer.of(), 'undecodable'],
    ['a truncated block', block('a lean message, cut').subarray(0, -2), 'undecodable'],
    ['a block that announces 4 GiB', Buffer.from('ffffffff0f0061', 'hex'), 'oversized'],
    ['a block whose content is too long', compressSync(Buffer.alloc(SMALL_LIMIT + 1)), 'oversized'],
    ['a block that is too long', compressSync(randomBytes(2 * SMALL_LIMIT)), 'oversized'],
  ])('does not forward %s, counts it, and keeps its sender in the mesh', async (_, wire, result) => {
    await using network = await between('tcp', SMALL_LIMIT)
    const { sender, receiver, swarm } = network
    await sender.publish(wire)
    await vi.waitFor(() => expect(count(swarm, result)).toBe(1), { timeout: 5000, interval: 10 })
    await sender.publish(block('a good one'))
    await untilReceived(receiver, 1)
    expect(Buffer.from(receiver.received[0] ?? [])).toEqual(block('a good one'))
    expect(count(swarm, 'accepted')).toBe(1)
    expect(swarm.mesh()).toEqual([sender.id, receiver.id].sort())
    expect(sender.mesh()).toEqual([swarm.id])
  })

  it('counts a message that is too long to be read at all, and has its sender back in the mesh within 10 s', async () => {
    await using network = await between('quic', SMALL_LIMIT)
    const { sender, receiver, swarm } = network
    await sender.publish(randomBytes(SMALL_LIMIT + 2 * MIB))
    await swarm.until('dropped the sender', meshIs(receiver.id))
    expect(count(swarm, 'oversized')).toBe(1)
    await swarm.until('back in the mesh', meshIs(sender.id, receiver.id), 10_000)
    await sender.untilMeshed([swarm.id])
    await sender.publish(block('once more'))
    await untilReceived(receiver, 1)
  })

  it.each(['quic', 'tcp'] as const)('forwards 10 MiB over %s, and publishes as much', async (transport) => {
    await using network = await between(transport)
    const { sender, receiver, swarm } = network
    const large = randomBytes(10 * MIB)
    const wire = compressSync(large)
    await sender.publish(wire)
    await untilReceived(receiver, 1)
    expect(wire.equals(receiver.received[0] ?? Buffer.of())).toBe(true)
    large.writeUInt32LE(1, 0)
    await swarm.swarm.publish(BLOCK, large)
    await untilReceived(receiver, 2)
    expect(large.equals(uncompressSync(Buffer.from(receiver.received[1] ?? [])) as Buffer)).toBe(true)
    expect(swarm.mesh()).toEqual([sender.id, receiver.id].sort())
  })

  it('gives up nobody of a full mesh for a message of several MiB that all are sent at once', async () => {
    await using stack = new AsyncDisposableStack()
    const peers = await Promise.all(Array.from({ length: FULL_MESH }, () => startPlainPeer({ transport: 'tcp' })))
    for (const peer of peers) stack.use(peer)
    const targets = peers.map(({ id, addresses }) => ({ peerId: id, addresses }))
    const swarm = stack.use(await startTestSwarm({ peers: targets }))
    const ids = peers.map(({ id }) => id)
    await swarm.until('in the mesh of all', meshIs(...ids))
    const [sender, ...receivers] = peers
    await sender?.untilMeshed([swarm.id])
    await sender?.publish(compressSync(randomBytes(7 * MIB)))
    await Promise.all(receivers.map((receiver) => untilReceived(receiver, 1)))
    expect(swarm.counter('leanmesh_slow_peers_total', {})).toBe(0)
    expect(swarm.mesh()).toEqual(ids.toSorted())
  })
})
