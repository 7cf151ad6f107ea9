import { hash, randomBytes } from 'node:crypto'
import { RPC } from '@libp2p/gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { compressSync } from 'snappy'
import { expect, it, onTestFinished, vi } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { withLength } from '../../src/swarm/length-prefix.ts'
import { mendInboundStreams } from '../../src/swarm/mend-inbound-streams.ts'
import { createWireCopies } from '../../src/swarm/wire-copies.ts'
import { InboundStream } from '../support/inbound-stream.ts'
import { BLOCK } from '../support/network-states.ts'
import { createTestNode } from '../support/test-node.ts'

interface Message {
  topic: string
  data?: Uint8Array
  from?: Uint8Array
}

const PEERS = ['first', 'second', 'third'] as const

/** As gossipsub is, as far as it is used: it keeps all that it is given, as gossipsub's caches do. */
function keepingGossip() {
  const kept: Uint8Array[] = []
  const keep = (bytes: Uint8Array = NONE) => kept.push(bytes)
  const nameOf = createWireCopies()
  const gossip = {
    opts: {},
    peers: new Map(PEERS.map((peer) => [peer, {}])),
    streamsInbound: new Map<string, object>(),
    isStarted: () => true,
    createInboundStream: (_peer: string, _stream: InboundStream): void => undefined,
    decodeRpc: (bytes: Uint8Array) => RPC.decode(bytes),
    acceptFrom: () => true,
    async handleReceivedRpc(_from: string, { messages }: { messages: Message[] }) {
      for (const { data } of messages) keep(data)
    },
    async handleReceivedMessage(_from: string, message: Message) {
      if (message.topic === BLOCK) nameOf(message)
      keep(message.data)
      if (message.from) keep(message.from)
    },
    async handleControlMessage(_from: string, { idontwant }: { idontwant: { messageIDs: Uint8Array[] }[] }) {
      for (const id of idontwant.flatMap(({ messageIDs }) => messageIDs)) keep(id)
    },
    handlePeerReadStreamError: (error: Error) => {
      throw error
    },
  }
  mendInboundStreams(gossip, () => undefined)
  const open = (peer: string) => {
    const stream = new InboundStream()
    gossip.createInboundStream(peer, stream)
    return stream
  }
  return { kept, open }
}

const NONE = Buffer.alloc(0)
const BLOCKS = [0, 1, 2, 3].map((block) => Buffer.alloc(140_000 + block * 9000, `block ${block} `))
const IDS = Array.from({ length: 256 }, (_, id) => Buffer.alloc(20, id))
const digest = (bytes: Uint8Array = NONE) => hash('sha256', bytes)

/** By number, of `BLOCKS` and `IDS`. */
interface Sent {
  blocks: number[]
  /** Blocks on a topic that we did not join. */
  others?: number[]
  /** In a control message. */
  ids?: number[]
  topics?: string[]
  /** Who made the blocks. */
  from?: number
}

function rpcOf({ blocks, others = [], ids = [], topics = [], from }: Sent): Buffer {
  const messageOn = (topic: string) => (block: number) => ({
    topic,
    data: BLOCKS[block] ?? NONE,
    ...(from !== undefined && { from: IDS[from] ?? NONE }),
  })
  const messageIDs = ids.map((id) => IDS[id] ?? NONE)
  const control = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [{ messageIDs }] }
  const messages = [...blocks.map(messageOn(BLOCK)), ...others.map(messageOn('other'))]
  const subscriptions = topics.map((topic) => ({ subscribe: true, topic }))
  return withLength(RPC.encode({ subscriptions, messages, ...(ids.length > 0 && { control }) }))
}

const PIECE_BYTES = 30_000

function bringInPieces(stream: InboundStream, rpc: Uint8Array): void {
  for (let at = 0; at < rpc.length; at += PIECE_BYTES) stream.onData(rpc.subarray(at, at + PIECE_BYTES))
}

/** How often room for RPCs was made meanwhile. */
function roomsMadeIn(run: () => void): number {
  using allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
  run()
  return allocate.mock.calls.filter(([bytes]) => bytes >= PIECE_BYTES).length
}

it('a copy of a block comes where the copy before it was, and a block where a copy was', () => {
  const { kept, open } = keepingGossip()
  const stream = open('first')
  const blocks = [0, 0, 0, 1, 1, 1]
  const rpcs = blocks.map((block) => rpcOf({ blocks: [block] }))
  const roomsMade = roomsMadeIn(() => {
    for (const rpc of rpcs) bringInPieces(stream, rpc)
  })
  expect(kept.map(digest)).toEqual(blocks.map((block) => digest(BLOCKS[block])))
  // The first of each block stays where it came, and its copies are known to be it.
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(2)
  expect(roomsMade).toBe(3)
})

it('an RPC that cannot be decoded leaves its place to the next one', () => {
  const { kept, open } = keepingGossip()
  const stream = open('first')
  const block = rpcOf({ blocks: [0] })
  const nonsense = withLength(Buffer.alloc(block.length, 0xff))
  const roomsMade = roomsMadeIn(() => {
    for (const rpc of [nonsense, block]) bringInPieces(stream, rpc)
  })
  expect(kept.map(digest)).toEqual([digest(BLOCKS[0])])
  expect(roomsMade).toBe(1)
})

it.each<[string, Sent, Sent]>([
  ['an id in a control message', { blocks: [0], ids: [1] }, { blocks: [0], ids: [2] }],
  ['a message on another topic', { blocks: [0], others: [2] }, { blocks: [0], others: [1] }],
  ['what a message says of its sender', { blocks: [0], from: 1 }, { blocks: [0], from: 2 }],
  ['a message that comes with a subscription', { blocks: [1], topics: ['other'] }, { blocks: [0], topics: ['other'] }],
])('%s stays as it came, also beside a copy of a block', async (_, first, second) => {
  const { kept, open } = keepingGossip()
  const stream = open('first')
  const sent: Sent[] = [{ blocks: [0, 1] }, first, second]
  for (const rpc of sent.map(rpcOf)) bringInPieces(stream, rpc)
  await new Promise(setImmediate)
  const expected = sent.flatMap(({ blocks, others = [], ids = [], from = [] }) => [
    ...[...blocks, ...others].map((block) => BLOCKS[block]),
    ...[ids, from].flat().map((id) => IDS[id]),
  ])
  expect(kept.map(digest)).toEqual(expected.map(digest))
})

/** RPCs of several peers, of which each has its own stream, and how their pieces come by turns. */
const flood = fc.record({
  rpcs: fc.array(
    fc.record({
      peer: fc.nat(PEERS.length - 1),
      blocks: fc.array(fc.nat(BLOCKS.length - 1), { minLength: 1, maxLength: 2 }),
      others: fc.array(fc.nat(BLOCKS.length - 1), { maxLength: 1 }),
      ids: fc.array(fc.nat(IDS.length - 1), { maxLength: 1 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  pieceBytes: fc.array(fc.integer({ min: 20_000, max: 90_000 }), { minLength: 1, maxLength: 5 }),
  turns: fc.array(fc.nat(PEERS.length - 1), { maxLength: 60 }),
})

it('what is kept of RPCs stays as it came, whatever comes then, from whom, and in which pieces', async () => {
  const known = new Set([...BLOCKS, ...IDS].map(digest))
  await fc.assert(
    fc.asyncProperty(flood, async ({ rpcs, pieceBytes, turns }) => {
      const { kept, open } = keepingGossip()
      const senders = PEERS.map((peer, at) => ({
        stream: open(peer),
        rest: Buffer.concat(rpcs.filter((rpc) => rpc.peer === at).map(rpcOf)),
      }))
      const bring = (sender: (typeof senders)[number], bytes = Infinity) => {
        // As a transport reads: into memory that is new.
        const piece = Buffer.from(sender.rest.subarray(0, bytes))
        sender.rest = sender.rest.subarray(piece.length)
        sender.stream.onData(piece)
      }
      for (const [at, peer] of turns.entries()) {
        const sender = senders[peer]
        if (sender) bring(sender, pieceBytes[at % pieceBytes.length])
      }
      for (const sender of senders) bring(sender)
      await new Promise(setImmediate)
      expect(kept.length).toBeGreaterThanOrEqual(rpcs.length)
      expect(kept.map(digest).every((of) => known.has(of))).toBe(true)
    }),
    { numRuns: 100 },
  )
})

/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface GossipParts {
  readonly peers: Map<string, PeerId>
  readonly mcache: { readonly msgs: ReadonlyMap<string, { readonly message: Message }> }
  createInboundStream(peer: PeerId, stream: InboundStream): void
}

it('what gossipsub keeps of blocks that three peers send at once is what they sent', async () => {
  const { libp2p, pubsub } = await createTestNode({}, 1024 * 1024)
  await libp2p.start()
  onTestFinished(() => libp2p.stop())
  pubsub.subscribe(BLOCK)
  const peers = await Promise.all(PEERS.map(async () => peerIdFromPrivateKey(await swarmKey(undefined))))
  const gossip = pubsub as unknown as GossipParts
  const streams = peers.map((peer) => {
    const stream = new InboundStream()
    gossip.peers.set(peer.toString(), peer)
    gossip.createInboundStream(peer, stream)
    return stream
  })
  const { msgs } = gossip.mcache
  const blocks = Array.from({ length: 6 }, () => compressSync(randomBytes(200_000)))
  for (const [at, data] of blocks.entries()) {
    const rpc = withLength(RPC.encode({ subscriptions: [], messages: [{ topic: BLOCK, data }] }))
    for (let from = 0; from < rpc.length; from += PIECE_BYTES) {
      for (const stream of streams) stream.onData(rpc.subarray(from, from + PIECE_BYTES))
    }
    await vi.waitFor(() => expect(msgs.size).toBe(at + 1))
  }
  expect(Array.from(msgs.values(), ({ message }) => digest(message.data))).toEqual(blocks.map(digest))
})
