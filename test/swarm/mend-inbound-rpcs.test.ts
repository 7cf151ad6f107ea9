import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, it } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { mendInboundRpcs } from '../../src/swarm/mend-inbound-rpcs.ts'
import { BLOCK } from '../support/network-states.ts'
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

/** As gossipsub is, as far as it is used: it knows the bytes 1 by their name, and what it is told. */
function fakeGossip() {
  const told: unknown[] = []
  return {
    told,
    peers: new Map<string, unknown>(),
    subscriptions: new Set([BLOCK]),
    acceptFrom: () => true,
    fastMsgIdFn: ({ data }: { data?: Uint8Array }) => `name ${data?.[0]}`,
    fastMsgIdCache: new Map([['name 1', 'id 1']]),
    gossipTracer: { deliverMessage: (...what: unknown[]) => void told.push(['tracer', ...what]) },
    metrics: {
      onMsgRecvPreValidation: (topic: string) => void told.push(['received', topic]),
      onPrevalidationResult: (topic: string, code: string) => void told.push([code, topic]),
    },
    handleReceivedMessage: async (_from: unknown, message: Message) => void told.push(['handled', message.data?.[0]]),
    validateReceivedMessage: async (_from: unknown, _message: Message) => ({ code: 'duplicate', msgIdStr: 'id 2' }),
  }
}

interface Message {
  topic: string
  data?: Uint8Array
}

function mended(gossip: ReturnType<typeof fakeGossip>) {
  const copies: string[] = []
  const unsubscribed: string[] = []
  const observer = {
    onDuplicateMessage: (topic: string) => void copies.push(topic),
    onUnsubscribedMessage: (topic: string) => void unsubscribed.push(topic),
  }
  mendInboundRpcs(gossip, observer, (id, peer) => void copies.push(`${id} of ${peer}`))
  return { copies, unsubscribed }
}

it('a copy that is known by its bytes is told to all who are to know, and handled no further', async () => {
  const gossip = fakeGossip()
  const { copies } = mended(gossip)
  await gossip.handleReceivedMessage('peer', { topic: BLOCK, data: Uint8Array.of(1) })
  expect(copies).toEqual(['id 1 of peer', BLOCK])
  expect(gossip.told).toEqual([
    ['received', BLOCK],
    ['duplicate', BLOCK],
    ['tracer', 'id 1', true],
  ])
})

it('what is not known by its bytes is handled, and may turn out to be a copy by its id', async () => {
  const gossip = fakeGossip()
  const { copies } = mended(gossip)
  await gossip.handleReceivedMessage('peer', { topic: BLOCK, data: Uint8Array.of(2) })
  expect(gossip.told).toEqual([['handled', 2]])
  expect(copies).toEqual([])
  await gossip.validateReceivedMessage('peer', { topic: BLOCK })
  expect(copies).toEqual(['id 2 of peer', BLOCK])
})

it.each(['valid', 'invalid'])('a message that gossipsub finds %s is no copy', async (code) => {
  const gossip = fakeGossip()
  gossip.validateReceivedMessage = async () => ({ code, msgIdStr: 'id 2' })
  const { copies } = mended(gossip)
  expect(await gossip.validateReceivedMessage('peer', { topic: BLOCK })).toMatchObject({ code })
  expect(copies).toEqual([])
})

it('a message on a topic that nobody joined is not looked at', async () => {
  const gossip = fakeGossip()
  const { copies, unsubscribed } = mended(gossip)
  await gossip.handleReceivedMessage('peer', { topic: 'other', data: Uint8Array.of(1) })
  expect([copies, gossip.told, unsubscribed]).toEqual([[], [], ['other']])
})

it.each(['peers', 'subscriptions', 'acceptFrom', 'handleReceivedMessage', 'validateReceivedMessage', 'gossipTracer'])(
  'a gossipsub without %s is refused at start',
  (part) => {
    const gossip = fakeGossip()
    Reflect.deleteProperty(gossip, part)
    expect(() => mended(gossip)).toThrow('handles RPCs in another way')
  },
)

it('peers that leave at the moment that they are meshed leave nothing behind', async () => {
  await using swarm = await startTestSwarm()
  for (let index = 0; index < 10; index++) {
    await using peer = await startTestSwarm({ listen: [], peers: [swarm.target('quic')] })
    await peer.until('meshed', meshIs(swarm.id))
  }
  await swarm.until('alone', meshIs(), 2000)
})
