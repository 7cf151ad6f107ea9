import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { PeerTarget } from '../../src/mesh/peer-target.ts'
import { probe, type ProbeOptions } from '../../src/swarm/probe.ts'
import type { ProbeStep } from '../../src/swarm/probe-steps.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'
import { type PlainPeer, startPlainPeer } from '../support/plain-peer.ts'
import { statusBody } from '../support/status-body.ts'
import { answering, startStatusPeer } from '../support/status-peer.ts'

const OTHER_ID = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const DEVNET0 = '/leanconsensus/devnet0/block/ssz_snappy'
const targetOf = ({ id: peerId, addresses }: PlainPeer): PeerTarget => ({ peerId, addresses })

async function probed(target: PeerTarget, options: Partial<ProbeOptions> = {}) {
  const steps: ProbeStep[] = []
  const defaults = { topics: [BLOCK, AGGREGATION], forkDigest: '12345678', agent: 'leanmesh/test', timeoutMs: 30_000 }
  const stop = await probe({ target, ...defaults, ...options }, (step) => steps.push(step))
  const went = steps.map(({ step, ok }) => `${ok ? '' : 'no '}${step}`).join(', ')
  const textOf = (name: string) => steps.find(({ step }) => step === name)?.text
  return { ...stop, went, textOf, steps }
}

const REACHED = 'resolve, dial, handshake, identify'

describe.concurrent('a probe', () => {
  test('ends in the mesh of a peer, and is gone from it afterwards', async () => {
    const body = statusBody({ headSlot: 7, finalizedSlot: 3 })
    await using peer = await startStatusPeer(answering(() => body))
    const { outcome, went, textOf } = await probed(targetOf(peer))
    expect(textOf('status')).toMatch(/^head slot 7, root /)
    expect({ outcome, went }).toEqual({ outcome: 'meshed', went: `${REACHED}, gossipsub, topics, graft, status` })
    expect(textOf('gossipsub')).toBe('/meshsub/1.2.0')
    expect(textOf('topics')).toBe('it subscribes to block: 1 of our 2')
    expect(textOf('status')).toMatch(/^head slot 7, root /)
    await peer.untilMeshed([])
  })

  test('goes over TCP too, to the second of two addresses', async () => {
    await using peer = await startPlainPeer({ transport: 'tcp' })
    const target = { peerId: peer.id, addresses: ['/ip4/127.0.0.1/tcp/1', ...peer.addresses] }
    expect(await probed(target)).toMatchObject({ outcome: 'meshed' })
  })

  test('does without identify', async () => {
    await using peer = await startPlainPeer({ identify: false })
    const { outcome, went } = await probed(targetOf(peer))
    expect({ outcome, went }).toMatchObject({
      outcome: 'meshed',
      went: expect.stringContaining('no identify, gossipsub'),
    })
  })

  test('stops at a name that resolves to nothing', async () => {
    const target = { peerId: OTHER_ID, addresses: ['/dns4/nothing.invalid/udp/9000/quic-v1'] }
    expect(await probed(target)).toMatchObject({ outcome: 'unresolvable', went: 'no resolve' })
  })

  test.each(['tcp/1', 'udp/1/quic-v1'])('stops where nobody listens, %s', async (port) => {
    const target = { peerId: OTHER_ID, addresses: [`/ip4/127.0.0.1/${port}`] }
    expect(await probed(target)).toMatchObject({ outcome: 'unreachable', went: 'resolve, no dial' })
  })

  test.each(['quic', 'tcp'] as const)('stops at another key, and says whose, over %s', async (transport) => {
    await using peer = await startPlainPeer({ transport })
    const { outcome, went, textOf, cause } = await probed({ peerId: OTHER_ID, addresses: peer.addresses })
    expect({ outcome, went }).toEqual({ outcome: 'wrong_peer_id', went: 'resolve, dial, no handshake' })
    expect(textOf('handshake')).toBe(`it has the key of ${peer.id}`)
    expect(cause).toContain(`expected was ${OTHER_ID}`)
  })

  test('stops at what is no libp2p peer', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('220 mail.example ESMTP\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const stopped = await probed({ peerId: OTHER_ID, addresses: [`/ip4/127.0.0.1/tcp/${port}`] })
    server.close()
    expect(stopped).toMatchObject({ outcome: 'handshake_failed', went: 'resolve, dial, no handshake' })
  })

  test('stops at a peer without gossipsub', async () => {
    await using peer = await startPlainPeer({ gossip: false })
    const { outcome, went } = await probed(targetOf(peer))
    expect({ outcome, went }).toEqual({ outcome: 'no_gossipsub', went: `${REACHED}, no gossipsub, no status` })
  })

  test('stops at another fork digest, and says which', async () => {
    await using peer = await startPlainPeer({ topics: [DEVNET0] })
    const { outcome, went, cause } = await probed(targetOf(peer))
    expect({ outcome, went }).toEqual({ outcome: 'other_fork', went: `${REACHED}, gossipsub, no topics, no status` })
    expect(cause).toBe('It is on another fork digest, devnet0; ours is 12345678 (--fork-digest).')
  })

  test('stops at other topics of our fork digest, and says which', async () => {
    await using peer = await startPlainPeer({ topics: [AGGREGATION] })
    const { outcome, textOf } = await probed(targetOf(peer), { topics: [BLOCK] })
    expect(outcome).toBe('no_common_topic')
    expect(textOf('topics')).toBe('it subscribes to none of our 1, but to aggregation')
  })

  test('stops at a peer that announces nothing', async () => {
    await using peer = await startPlainPeer({ topics: [] })
    expect(await probed(targetOf(peer))).toMatchObject({ outcome: 'nothing_announced' })
  })

  test('stops at a peer whose mesh is full, and says how long its back-off is', async () => {
    await using peer = await startPlainPeer()
    fillMesh(peer)
    const { outcome, textOf } = await probed(targetOf(peer))
    expect(outcome).toBe('pruned_backoff')
    expect(textOf('graft')).toMatch(/^it pruned us from block, with a back-off of (59|60) s$/)
  })

  test('stops at a peer that hangs up', async () => {
    await using peer = await startPlainPeer()
    peer.libp2p.addEventListener('connection:open', ({ detail }) => detail.abort(new Error('no')))
    const { outcome } = await probed(targetOf(peer))
    expect(outcome).toBe('disconnected')
  })

  test('ends with its time', async () => {
    await using peer = await startPlainPeer({ identify: false })
    const { outcome, cause } = await probed(targetOf(peer), { timeoutMs: 1000 })
    expect({ outcome, cause }).toMatchObject({ outcome: 'timeout', cause: expect.stringMatching(/^The time ran out/) })
  })

  test('tells no more of an agent and its protocols than fits', async () => {
    await using peer = await startPlainPeer({ agent: 'x'.repeat(4000) })
    expect((await probed(targetOf(peer))).textOf('identify')).toMatch(/^agent "x{80}", \d+ protocols$/)
  })
})

/** Twelve members that are not there: with so many no GRAFT of a peer that dialled is taken. */
function fillMesh({ libp2p }: PlainPeer): void {
  const mesh = Reflect.get(libp2p.services['pubsub'] as object, 'mesh') as Map<string, Set<string>>
  for (let member = 0; member < 12; member += 1) mesh.get(BLOCK)?.add(`member ${member}`)
}
