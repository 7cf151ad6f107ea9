import { describe, expect, it } from 'vitest'
import { withLength } from '../../src/swarm/length-prefix.ts'
import { mendInboundStreams } from '../../src/swarm/mend-inbound-streams.ts'

const MAX_BYTES = 100
const [RPC_WITH_SUBSCRIPTIONS, UNREADABLE, REFUSED, GRAFT, PRUNE] = [100, 99, 98, 97, 96]

/** As a stream of libp2p is: what it does not hand on it keeps, until it is asked for. */
class FakeStream extends EventTarget {
  readStatus = 'readable'
  readonly held: Uint8Array[] = []
  isClosed = false
  isAborted = false

  get readBuffer() {
    return { byteLength: this.held.reduce((sum, { length }) => sum + length, 0) }
  }

  onData(data: Uint8Array): void {
    this.held.push(data)
    if (this.readStatus === 'readable') this.dispatchHeld()
  }

  dispatchHeld(): void {
    const data = this.held.splice(0)
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  dispatch(type: 'close' | 'remoteCloseWrite', error?: Error): void {
    this.dispatchEvent(Object.assign(new Event(type), { error }))
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  abort(): void {
    this.isAborted = true
  }
}

interface FakeRpc {
  subscriptions: unknown[]
  messages: { topic: string }[]
  control?: { graft?: unknown[]; prune?: unknown[] }
}

const CONTROL: Readonly<Record<number, object>> = { [GRAFT]: { graft: [{}] }, [PRUNE]: { prune: [{}] } }

/** As gossipsub is, as far as it is used. An RPC's first byte says what it is. */
function fakeGossip() {
  const done: string[] = []
  const read: number[] = []
  const errors: string[] = []
  const count = (what: string) => () => void done.push(`counted ${what}`)
  const gossip = {
    opts: { maxInboundDataLength: MAX_BYTES },
    peers: new Map([['peer', {}]]),
    streamsInbound: new Map<string, { close(): Promise<void> }>(),
    metrics: {
      onRpcRecv: (_rpc: FakeRpc, bytes: number) => void read.push(bytes),
      onRpcRecvError: count('rpc error'),
      onRpcDataError: count('data error'),
      onPeerReadStreamError: count('stream error'),
      onMsgRecvError: count('message error'),
      rpcRecvNotAccepted: { inc: count('not accepted') },
    },
    refused: false,
    isStarted: () => true,
    createInboundStream: (_peer: string, _stream: FakeStream): void => undefined,
    decodeRpc([first = 0, second]: Uint8Array): FakeRpc {
      if (first === UNREADABLE) throw new Error('unreadable')
      gossip.refused = first === REFUSED
      const subscriptions = first === RPC_WITH_SUBSCRIPTIONS ? [{}] : []
      return {
        subscriptions,
        messages: [{ topic: `topic ${first}` }],
        ...(second !== undefined && { control: CONTROL[first] ?? {} }),
      }
    },
    acceptFrom: () => !gossip.refused,
    handleReceivedRpc: async (from: string) => void done.push(`rpc of ${from}`),
    handleReceivedMessage: async (from: string, { topic }: { topic: string }) => void done.push(`${topic} of ${from}`),
    handleControlMessage: async (from: string) => void done.push(`control of ${from}`),
    handlePeerReadStreamError: (error: Error, peer: string) => void errors.push(`${peer}: ${error.message}`),
  }
  let oversized = 0
  mendInboundStreams(gossip, () => (oversized += 1))
  const open = (peer = 'peer') => {
    const stream = new FakeStream()
    gossip.createInboundStream(peer, stream)
    return stream
  }
  return { gossip, done, read, errors, open, oversized: () => oversized }
}

const rpc = (...bytes: number[]) => withLength(Uint8Array.from(bytes))

describe('an inbound gossip stream', () => {
  it('brings each RPC when its last byte has come, in its order and without an event', () => {
    const { done, read, open } = fakeGossip()
    const stream = open()
    stream.onData(Buffer.concat([rpc(1), rpc(2, 0).subarray(0, 2)]))
    expect(done).toEqual(['topic 1 of peer'])
    stream.onData(Buffer.concat([rpc(2, 0).subarray(2), rpc(3)]))
    expect(done).toEqual(['topic 1 of peer', 'topic 2 of peer', 'control of peer', 'topic 3 of peer'])
    expect(stream.held).toEqual([])
    expect(read).toEqual([1, 2, 1])
  })

  it('reads first what waited in it', () => {
    const { done, open } = fakeGossip()
    const stream = open()
    stream.readStatus = 'paused'
    for (const piece of [rpc(1), rpc(2)]) stream.onData(piece)
    expect(done).toEqual([])
    stream.readStatus = 'readable'
    stream.onData(rpc(3))
    expect(done).toEqual([1, 2, 3].map((number) => `topic ${number} of peer`))
  })

  it('hands an RPC with subscriptions to gossipsub, and one of a peer that is not accepted to nobody', async () => {
    const { done, open } = fakeGossip()
    const stream = open()
    for (const first of [RPC_WITH_SUBSCRIPTIONS, REFUSED, 1]) {
      stream.onData(rpc(first))
      await new Promise(setImmediate)
    }
    expect(done).toEqual(['rpc of peer', 'counted not accepted', 'topic 1 of peer'])
  })

  it.each([
    ['GRAFT', GRAFT],
    ['PRUNE', PRUNE],
  ])('lets a %s be over before what the peer says then of its topics', async (_, first) => {
    const { gossip, done, open } = fakeGossip()
    gossip.handleControlMessage = async (from) => {
      await Promise.resolve()
      await Promise.resolve()
      done.push(`moved ${from}`)
    }
    open().onData(Buffer.concat([rpc(first, 0), rpc(RPC_WITH_SUBSCRIPTIONS)]))
    await new Promise(setImmediate)
    expect(done.slice(-2)).toEqual(['moved peer', 'rpc of peer'])
  })

  it('counts what cannot be read or handled, and goes on', async () => {
    const { gossip, done, open, errors } = fakeGossip()
    const stream = open()
    stream.onData(rpc(UNREADABLE))
    gossip.handleReceivedMessage = () => Promise.reject(new Error('broken'))
    stream.onData(rpc(1))
    gossip.handleControlMessage = () => Promise.reject(new Error('broken'))
    stream.onData(rpc(2, 0))
    await new Promise(setImmediate)
    const counted = ['counted data error', 'counted message error', 'counted message error', 'counted rpc error']
    expect(done.sort()).toEqual(counted)
    expect(errors).toEqual([])
  })

  it('of an RPC that is too long is given up, told once, and read no further', () => {
    const { done, errors, open, oversized } = fakeGossip()
    const stream = open()
    stream.onData(Buffer.concat([rpc(1), withLength(new Uint8Array(MAX_BYTES + 1))]))
    stream.onData(rpc(2))
    stream.dispatch('close', new Error('reset'))
    expect(oversized()).toBe(1)
    expect(errors).toEqual([`peer: a frame of ${MAX_BYTES + 1} bytes or more, where at most ${MAX_BYTES} are read`])
    expect(done).toEqual(['topic 1 of peer', 'counted stream error'])
  })

  it('that breaks while an RPC is handled is told once, whatever came with the RPC', () => {
    const { gossip, errors, open } = fakeGossip()
    const stream = open()
    gossip.handleReceivedMessage = async () => {
      stream.dispatch('close', new Error('reset'))
    }
    stream.onData(Buffer.concat([rpc(1), withLength(new Uint8Array(MAX_BYTES + 1))]))
    expect(errors).toEqual(['peer: reset'])
  })

  it.each(['close', 'remoteCloseWrite'] as const)('may end between RPCs, and not in one (%s)', (type) => {
    const { errors, open, oversized } = fakeGossip()
    const [whole, cut] = [open(), open()]
    whole.onData(rpc(1))
    whole.dispatch(type)
    expect(errors).toEqual([])
    cut.onData(rpc(1).subarray(0, 1))
    cut.dispatch(type)
    expect(errors).toEqual(['peer: the stream ended in the middle of an RPC'])
    expect(oversized()).toBe(0)
  })

  it('that breaks is told with its error', () => {
    const { errors, open } = fakeGossip()
    open().dispatch('close', new Error('reset'))
    expect(errors).toEqual(['peer: reset'])
  })

  it('takes the place of the one before, which is closed', async () => {
    const { gossip, open } = fakeGossip()
    const [first, second] = [open(), open()]
    expect([first.isClosed, second.isClosed]).toEqual([true, false])
    await gossip.streamsInbound.get('peer')?.close()
    expect(second.isClosed).toBe(true)
  })

  it('that cannot be closed is aborted', async () => {
    const { gossip, open } = fakeGossip()
    const stream = open()
    stream.close = () => Promise.reject(new Error('no answer'))
    await gossip.streamsInbound.get('peer')?.close()
    expect(stream.isAborted).toBe(true)
  })

  it('of a peer that is gone, or after the end, is left alone', () => {
    const { gossip, open } = fakeGossip()
    open('stranger')
    gossip.isStarted = () => false
    open()
    expect(gossip.streamsInbound.size).toBe(0)
  })

  it.each([
    'opts',
    'peers',
    'streamsInbound',
    'isStarted',
    'createInboundStream',
    'decodeRpc',
    'acceptFrom',
    'handleReceivedRpc',
    'handleReceivedMessage',
    'handleControlMessage',
    'handlePeerReadStreamError',
  ])('of a gossipsub without %s is refused at start', (part) => {
    const { gossip } = fakeGossip()
    Reflect.deleteProperty(gossip, part)
    expect(() => mendInboundStreams(gossip, () => undefined)).toThrow('reads its streams in another way')
  })

  it('of a libp2p that brings its data in another way is refused', () => {
    const { gossip } = fakeGossip()
    expect(() => gossip.createInboundStream('peer', {} as FakeStream)).toThrow(
      'brings what a stream reads in another way',
    )
  })
})
