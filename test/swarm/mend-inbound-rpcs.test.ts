import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, it } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { mendInboundRpcs } from '../../src/swarm/mend-inbound-rpcs.ts'
import { BLOCK } from '../support/network-states.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { createTestNode } from '../support/test-node.ts'
import { meshIs, startTestSwarm } from '../support/test-swarm.ts'

/** As gossipsub calls itself for each RPC that it read. */
interface RpcHandler {
  handleReceivedRpc(from: unknown, rpc: unknown): Promise<void>
}

it('a GRAFT that arrives after its sender left puts no ghost into the mesh', async () => {
  const { libp2p, pubsub } = await createTestNode()
  await libp2p.start()
  try {
    pubsub.subscribe(BLOCK)
    const stranger = peerIdFromPrivateKey(await swarmKey(undefined))
    const rpc = { subscriptions: [], messages: [], control: { graft: [{ topicID: BLOCK }] } }
    await (pubsub as unknown as RpcHandler).handleReceivedRpc(stranger, rpc)
    expect(pubsub.getMeshPeers(BLOCK)).toEqual([])
  } finally {
    await libp2p.stop()
  }
})

it('a gossipsub that recognises copies elsewhere is refused at start', () => {
  const pubsub = {
    peers: new Map(),
    subscriptions: new Set(),
    acceptFrom: () => true,
    handleReceivedMessage: async () => undefined,
  }
  expect(() => mendInboundRpcs(pubsub, SILENT_OBSERVER)).toThrow('handles RPCs in another way')
  expect(() => mendInboundRpcs({ ...pubsub, validateReceivedMessage: async () => ({}) }, SILENT_OBSERVER)).not.toThrow()
})

it('peers that leave at the moment that they are meshed leave nothing behind', async () => {
  await using swarm = await startTestSwarm()
  for (let index = 0; index < 10; index++) {
    await using peer = await startTestSwarm({ listen: [], peers: [swarm.target('quic')] })
    await peer.until('meshed', meshIs(swarm.id))
  }
  await swarm.until('alone', meshIs(), 2000)
})

it('what is kept of a message is its own, and not a part of all that was read with it', async () => {
  const rpcs = {
    peers: new Map(),
    subscriptions: new Set([BLOCK]),
    acceptFrom: () => true,
    handleReceivedMessage: async () => undefined,
    validateReceivedMessage: async (_from: unknown, _message: object) => ({ code: 'valid' }),
  }
  mendInboundRpcs(rpcs, SILENT_OBSERVER)
  const message = { topic: BLOCK, data: new Uint8Array(16 * 1024).fill(7).subarray(100, 103) }
  await rpcs.validateReceivedMessage({}, message)
  expect([...message.data]).toEqual([7, 7, 7])
  expect(message.data.buffer.byteLength).toBe(3)
})
