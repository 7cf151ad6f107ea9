import { setImmediate as nextTurn } from 'node:timers/promises'
import { RPC } from '@libp2p/gossipsub/message'
import { describe, expect, it } from 'vitest'
import { mendForwarding } from '../../src/swarm/mend-forwarding.ts'
import type { Outbox } from '../../src/swarm/outbox.ts'
import { collectGarbage } from '../support/collect-garbage.ts'

const [LATEST, OLDER] = ['/meshsub/1.2.0', '/meshsub/1.1.0']
const LARGE_BYTES = 16 * 1024 + 1

interface SentRpc {
  subscriptions: []
  messages: { topic: string; data: Uint8Array }[]
  control?: { idontwant?: { messageIDs: Uint8Array[] }[] }
}

const rpcOf = (...messages: SentRpc['messages']): SentRpc => ({ subscriptions: [], messages })
const message = (bytes: number, byte = 7) => ({ topic: 'block', data: new Uint8Array(bytes).fill(byte) })

/** As an outbox is that is emptied when a test says so. */
function fakeOutbox() {
  const decisions: (() => void)[] = []
  let [bytes, asked] = [0, 0]
  const outbox: Outbox = {
    beforeWriting: (decide) => void decisions.push(decide),
    decideLater(more) {
      bytes += more
      asked += 1
    },
    writeLater: () => undefined,
    writeNow: () => undefined,
  }
  return { outbox, empty: () => decisions.forEach((decide) => decide()), undecided: () => bytes, asked: () => asked }
}

/** As gossipsub is, as far as it is used: it has the peers in its mesh, and forwards to all but whom it is told to leave out. */
function fakeGossip(peers: Record<string, string> = { a: LATEST, b: LATEST, c: LATEST }) {
  const pushed: [peer: string, bytes: Uint8Array][] = []
  const counted: number[] = []
  const byGossipsub: string[] = []
  const told: string[] = []
  const batches: string[][] = []
  const failed: string[] = []
  /** Who said IDONTWANT of what: gossipsub itself leaves them out. */
  const unwanting = new Set<string>()
  const stream = ([peer, protocol]: [string, string]) =>
    [peer, { protocol, pushPrefixed: (data: Uint8Array) => void pushed.push([peer, data]) }] as const
  const gossip = {
    streamsOutbound: new Map(Object.entries(peers).map(stream)),
    control: new Map<string, object>(),
    gossip: new Map<string, object>(),
    mesh: new Map([['block', new Set(Object.keys(peers))]]),
    metrics: {
      onRpcSent: (_rpc: object, bytes: number) => void counted.push(bytes),
      onMsgRecvError: (topic: string) => void failed.push(topic),
    },
    msgIdToStrFn: (id: Uint8Array) => String(id[0]),
    sendRpc(peer: string, { messages }: SentRpc) {
      byGossipsub.push(`${peer} with ${messages.length} after ${pushed.length}`)
      for (const table of [gossip.control, gossip.gossip]) table.delete(peer)
      return true
    },
    sendRpcInBatch(to: Set<string>, rpc: SentRpc) {
      const ids = rpc.control?.idontwant?.flatMap(({ messageIDs }) => messageIDs.map((id) => id[0])) ?? []
      batches.push([...to])
      for (const peer of to) told.push(`${peer} ${ids.join('+')} after ${pushed.length}`)
    },
    forwardMessage(id: string, sent: SentRpc['messages'][number], source?: string, excluded?: ReadonlySet<string>) {
      if (sent.data.length === 0) throw new Error('broken')
      for (const peer of gossip.mesh.get('block') ?? []) {
        if (peer !== source && !excluded?.has(peer) && !unwanting.has(`${peer} ${id}`))
          gossip.sendRpc(peer, rpcOf(sent))
      }
    },
    sendIDontWants: (_id: Uint8Array, _topic: string, _source: string) => undefined,
  }
  const { outbox, ...fake } = fakeOutbox()
  const onCopy = mendForwarding(gossip, outbox)
  return { gossip, pushed, counted, byGossipsub, told, batches, failed, unwanting, onCopy, ...fake }
}

describe('a message that is forwarded', () => {
  it('is written once for all peers that are told nothing else, and each sending is counted', () => {
    const { gossip, pushed, counted, byGossipsub } = fakeGossip()
    const sent = message(300)
    for (const peer of ['a', 'b', 'c']) expect(gossip.sendRpc(peer, rpcOf(sent))).toBe(true)
    expect(byGossipsub).toEqual([])
    expect(new Set(pushed.map(([, bytes]) => bytes)).size).toBe(1)
    const [, bytes = new Uint8Array()] = pushed[0] ?? []
    const { messages } = RPC.decode(bytes.subarray(2))
    expect(messages.map(({ topic, data }) => ({ topic, data: new Uint8Array(data ?? []) }))).toEqual([sent])
    expect(counted).toEqual(Array(3).fill(bytes.length - 2))
  })

  it('is written anew for each message', () => {
    const { gossip, pushed } = fakeGossip()
    const [first, second] = [message(300, 7), message(300, 8)]
    for (const sent of [first, second, first]) gossip.sendRpc('a', rpcOf(sent))
    expect(pushed.map(([, bytes]) => bytes.at(100))).toEqual([7, 8, 7])
  })

  it('that the stream no longer takes was not sent, and is not counted', () => {
    const { gossip, counted } = fakeGossip()
    gossip.streamsOutbound.set('a', {
      protocol: LATEST,
      pushPrefixed() {
        throw new Error('closed')
      },
    })
    expect(gossip.sendRpc('a', rpcOf(message(300)))).toBe(false)
    expect(counted).toEqual([])
  })

  it('is left to gossipsub where several go together, something is with it, or nobody can be reached', () => {
    const { gossip, pushed, byGossipsub } = fakeGossip()
    const sent = message(3)
    gossip.sendRpc('c', rpcOf(sent, sent))
    gossip.sendRpc('c', { ...rpcOf(sent), control: {} })
    gossip.sendRpc('stranger', rpcOf(sent))
    expect(byGossipsub).toEqual(['c with 2 after 0', 'c with 1 after 0', 'stranger with 1 after 0'])
    expect(pushed).toEqual([])
  })

  it('is the same for those who are to be told something else: gossipsub tells them before it', () => {
    const { gossip, pushed, byGossipsub } = fakeGossip()
    gossip.control.set('a', {})
    gossip.gossip.set('b', {})
    const sent = message(300)
    for (const peer of ['a', 'b', 'c', 'a']) gossip.sendRpc(peer, rpcOf(sent))
    expect(byGossipsub).toEqual(['a with 0 after 0', 'b with 0 after 1'])
    expect(pushed.map(([peer]) => peer)).toEqual(['a', 'b', 'c', 'a'])
    expect(new Set(pushed.map(([, bytes]) => bytes)).size).toBe(1)
  })

  it('goes when the outbox is emptied, to those who have not sent a copy by then', () => {
    const { gossip, pushed, onCopy, empty, undecided } = fakeGossip()
    gossip.forwardMessage('1', message(300), 'a')
    expect(undecided()).toBe(300)
    expect(pushed).toEqual([])
    onCopy('1', 'b')
    onCopy('2', 'c')
    empty()
    expect(pushed.map(([peer]) => peer)).toEqual(['c'])
    empty()
    expect(pushed).toHaveLength(1)
  })

  it('goes to nobody that gossipsub leaves out', () => {
    const { gossip, pushed, empty } = fakeGossip()
    gossip.forwardMessage('1', message(300), undefined, new Set(['a', 'b']))
    empty()
    expect(pushed.map(([peer]) => peer)).toEqual(['c'])
  })

  it('is written once when it is forwarded, and not kept', async () => {
    const { gossip, pushed, empty } = fakeGossip()
    gossip.forwardMessage('1', message(300))
    empty()
    expect(new Set(pushed.map(([, bytes]) => bytes)).size).toBe(1)
    const written = pushed.splice(0).map(([, bytes]) => new WeakRef(bytes))
    expect(written).toHaveLength(3)
    await nextTurn()
    collectGarbage()
    expect(written.map((each) => each.deref())).toEqual([undefined, undefined, undefined])
  })

  it('that gossipsub cannot handle is counted, and keeps back no other', () => {
    const { gossip, pushed, failed, empty } = fakeGossip()
    gossip.forwardMessage('1', message(0), 'a')
    gossip.forwardMessage('2', message(300), 'a')
    empty()
    expect(failed).toEqual(['block'])
    expect(pushed.map(([peer]) => peer)).toEqual(['b', 'c'])
  })
})

describe('that a message is not wanted', () => {
  it('is told to those who are not sent it and have not sent it, all of one peer at once', () => {
    const { gossip, told, onCopy, empty, asked } = fakeGossip({ a: LATEST, b: LATEST, c: LATEST, d: OLDER })
    for (const id of [1, 2, 3]) gossip.sendIDontWants(Uint8Array.of(id), 'block', 'a')
    expect(asked()).toBe(3)
    gossip.forwardMessage('1', message(300), 'a')
    onCopy('1', 'b')
    empty()
    // The second and third are refused, so that nobody is sent them; the first goes to c and d.
    expect(told).toEqual(['b 2+3 after 0', 'c 2+3 after 0'])
  })

  it('is told before a message that takes long to be sent, and to those who are sent it, too', () => {
    const { gossip, told, empty } = fakeGossip()
    gossip.sendIDontWants(Uint8Array.of(1), 'block', 'a')
    gossip.sendIDontWants(Uint8Array.of(2), 'block', 'a')
    gossip.forwardMessage('1', message(LARGE_BYTES), 'a')
    gossip.forwardMessage('2', message(LARGE_BYTES - 1), 'a')
    empty()
    expect(told).toEqual(['b 1 after 0', 'c 1 after 0'])
  })

  it('is the same bytes for all who are told the same', () => {
    const { gossip, batches, onCopy, empty } = fakeGossip({ a: LATEST, b: LATEST, c: LATEST, d: LATEST })
    for (const id of [1, 2]) gossip.sendIDontWants(Uint8Array.of(id), 'block', 'a')
    gossip.forwardMessage('1', message(LARGE_BYTES), 'a')
    onCopy('1', 'b')
    empty()
    expect(batches).toEqual([['c', 'd'], ['b']])
  })

  it('is told to those who said so themselves, and may not have sent their copy yet', () => {
    const { gossip, told, unwanting, empty } = fakeGossip()
    gossip.sendIDontWants(Uint8Array.of(1), 'block', 'a')
    gossip.forwardMessage('1', message(300), 'a')
    unwanting.add('b 1')
    empty()
    expect(told).toEqual(['b 1 after 1'])
  })

  it('is told whoever was sent another message in the same moment, or this one before', () => {
    const { gossip, told, unwanting, empty } = fakeGossip()
    gossip.sendIDontWants(Uint8Array.of(2), 'block', 'a')
    gossip.forwardMessage('1', message(300), 'a')
    gossip.forwardMessage('2', message(300), 'a')
    unwanting.add('b 2')
    empty()
    expect(told.splice(0)).toEqual(['b 2 after 3'])
    gossip.sendIDontWants(Uint8Array.of(1), 'block', 'a')
    empty()
    expect(told).toEqual(['b 1 after 3', 'c 1 after 3'])
  })
})

it('cannot be mended in a gossipsub that sends in another way, and that is said', () => {
  expect(() => mendForwarding({}, fakeOutbox().outbox)).toThrow('sends messages in another way')
})
