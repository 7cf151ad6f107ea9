import { RPC } from '@libp2p/gossipsub/message'
import { describe, expect, it } from 'vitest'
import { mendForwarding } from '../../src/swarm/mend-forwarding.ts'

interface SentRpc {
  subscriptions: []
  messages: { topic: string; data: Uint8Array }[]
  control?: object
}

function fakeGossip() {
  const pushed: Uint8Array[] = []
  const counted: number[] = []
  const byGossipsub: string[] = []
  const stream = { pushPrefixed: (data: Uint8Array) => void pushed.push(data) }
  const gossip = {
    streamsOutbound: new Map([
      ['a', stream],
      ['b', stream],
      ['c', stream],
    ]),
    control: new Map<string, object>(),
    gossip: new Map<string, object>(),
    metrics: { onRpcSent: (_rpc: object, bytes: number) => void counted.push(bytes) },
    sendRpc(peer: string, _rpc: SentRpc) {
      byGossipsub.push(peer)
      return true
    },
  }
  mendForwarding(gossip)
  return { gossip, pushed, counted, byGossipsub }
}

const rpcOf = (...messages: SentRpc['messages']): SentRpc => ({ subscriptions: [], messages })

describe('a message that is forwarded', () => {
  it('is written once for all peers that are told nothing else, and each sending is counted', () => {
    const { gossip, pushed, counted, byGossipsub } = fakeGossip()
    const message = { topic: 'block', data: new Uint8Array(300).fill(7) }
    for (const peer of ['a', 'b', 'c']) expect(gossip.sendRpc(peer, rpcOf(message))).toBe(true)
    expect(byGossipsub).toEqual([])
    expect(new Set(pushed).size).toBe(1)
    const [bytes = new Uint8Array()] = pushed
    const { messages } = RPC.decode(bytes.subarray(2))
    expect(messages.map(({ topic, data }) => ({ topic, data: new Uint8Array(data ?? []) }))).toEqual([message])
    expect(counted).toEqual(Array(3).fill(bytes.length - 2))
  })

  it('is written anew for each message', () => {
    const { gossip, pushed } = fakeGossip()
    const [first, second] = [7, 8].map((byte) => ({ topic: 'block', data: new Uint8Array(300).fill(byte) }))
    for (const message of [first, second, first]) if (message) gossip.sendRpc('a', rpcOf(message))
    expect(pushed.map((bytes) => bytes.at(100))).toEqual([7, 8, 7])
  })

  it('is left to gossipsub where something is to be added, several go together, or nobody can be reached', () => {
    const { gossip, pushed, byGossipsub } = fakeGossip()
    const message = { topic: 'block', data: new Uint8Array(3) }
    gossip.control.set('a', {})
    gossip.gossip.set('b', {})
    gossip.sendRpc('a', rpcOf(message))
    gossip.sendRpc('b', rpcOf(message))
    gossip.sendRpc('c', rpcOf(message, message))
    gossip.sendRpc('c', { ...rpcOf(message), control: {} })
    gossip.sendRpc('stranger', rpcOf(message))
    expect(byGossipsub).toEqual(['a', 'b', 'c', 'c', 'stranger'])
    expect(pushed).toEqual([])
  })

  it('cannot be mended in a gossipsub that sends in another way, and that is said', () => {
    expect(() => mendForwarding({})).toThrow('sends messages in another way')
  })
})
