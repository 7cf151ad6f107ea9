import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { createAgents } from '../../src/swarm/agents.ts'

const PEER = '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE'

function identified() {
  const libp2p = new EventTarget()
  const agents = createAgents()
  agents.attach(libp2p as Parameters<typeof agents.attach>[0])
  const say = (agentVersion?: string) =>
    libp2p.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId: peerIdFromString(PEER), agentVersion } }))
  return { agents, say }
}

test('a connected peer has the agent that it said last, and none before', () => {
  const { agents, say } = identified()
  expect(agents.read([PEER])).toEqual([])
  say('zeam/0.1')
  say(undefined)
  expect(agents.read([PEER, 'other'])).toEqual([[PEER, 'zeam/0.1']])
  say('zeam/0.2')
  expect(agents.read([PEER])).toEqual([[PEER, 'zeam/0.2']])
})

test('a peer that left is forgotten', () => {
  const { agents, say } = identified()
  say('zeam/0.1')
  expect(agents.read([])).toEqual([])
  expect(agents.read([PEER])).toEqual([])
})

test('an agent is one line of printable ASCII, and cut', () => {
  const { agents, say } = identified()
  say('<b>\u001B[31m\u202Eevil\n')
  expect(agents.read([PEER])).toEqual([[PEER, '<b>?[31m?evil?']])
  say('x'.repeat(1_000_000))
  expect(agents.read([PEER])[0]?.[1]).toBe(`${'x'.repeat(61)}...`)
})
