/** Peers that connect too often, too fast, or with too many streams; each in turn is refused and counted, and others get on. */
import { connect, type Socket } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Connection, MultiaddrConnection, PeerId } from '@libp2p/interface'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { inboundGater, limitStreams } from '../../src/swarm/inbound-limits.ts'
import { startPlainPeer, type PlainPeer } from '../support/plain-peer.ts'
import { meshIs, startTestSwarm, type TestSwarm } from '../support/test-swarm.ts'

const CONNECTIONS = 'leanmesh_inbound_connections_refused_total'
const STREAMS = 'leanmesh_inbound_streams_refused_total'

const addressOf = (swarm: TestSwarm, transport: 'quic' | 'tcp') =>
  multiaddr(`${swarm.target(transport).addresses[0]}/p2p/${swarm.id}`)

async function dialAgain(peer: PlainPeer, swarm: TestSwarm, transport: 'quic' | 'tcp'): Promise<Connection> {
  const connection = await peer.libp2p.dial(addressOf(swarm, transport), { force: true })
  await connection.newStream('/ipfs/ping/1.0.0')
  return connection
}

/** The gates of a swarm that has these connections open; gives why each further one is refused. */
function gates(open: readonly [host: string, peer: string, direction?: 'outbound'][]) {
  const refusals: string[] = []
  const peerId = (name: string) =>
    ({ name, equals: (other: { name: string }) => other.name === name }) as unknown as PeerId
  const from = (host: string) => multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/1`)
  const connections = open.map(
    ([host, peer, direction = 'inbound']) =>
      ({ direction, remoteAddr: from(host), remotePeer: peerId(peer) }) as unknown as Connection,
  )
  const gater = inboundGater(() => connections, { onRefusedConnection: (reason) => void refusals.push(reason) })
  return {
    refusals,
    before: (host: string) =>
      gater.denyInboundConnection?.({ remoteAddr: from(host) } as unknown as MultiaddrConnection),
    after: (host: string, peer: string) =>
      gater.denyInboundUpgradedConnection?.(peerId(peer), { remoteAddr: from(host) } as unknown as MultiaddrConnection),
  }
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('connections', () => {
  it('are 300 that came from outside, whatever was dialled', () => {
    const strangers = many(299, (index): [string, string] => [`10.0.0.${index % 3}`, `p${index}`])
    const dialled = many(50, (index): [string, string, 'outbound'] => ['10.1.0.1', `d${index}`, 'outbound'])
    const room = gates([...strangers, ...dialled])
    expect([room.before('10.2.0.1'), room.after('10.2.0.1', 'new')]).toEqual([false, false])
    const full = gates([...strangers, ['10.3.0.1', 'last']])
    expect([full.before('10.2.0.1'), full.after('10.2.0.1', 'new')]).toEqual([true, true])
    expect(full.refusals).toEqual(['total', 'total'])
  })

  it('are 150 of one address, and of IPv6 one /64', () => {
    const one = gates(many(150, (index): [string, string] => ['10.0.0.1', `p${index}`]))
    expect([one.before('10.0.0.1'), one.before('10.0.0.2')]).toEqual([true, false])
    const net = gates(many(150, (index): [string, string] => [`2001:db8:0:1::${index.toString(16)}`, `p${index}`]))
    expect([
      net.before('2001:db8:0:1:ffff::1'),
      net.after('2001:db8:0:1::aa', 'x'),
      net.before('2001:db8:0:2::1'),
    ]).toEqual([true, true, false])
    expect([...one.refusals, ...net.refusals]).toEqual(['address', 'address', 'address'])
  })

  it.each(['quic', 'tcp'] as const)(
    'over %s are 4 of one peer, and the fifth costs the others nothing',
    async (transport) => {
      await using swarm = await startTestSwarm()
      await using greedy = await startPlainPeer({ transport })
      for (let connection = 0; connection < 4; connection += 1) await dialAgain(greedy, swarm, transport)
      await expect(dialAgain(greedy, swarm, transport)).rejects.toThrow()
      expect(swarm.counter(CONNECTIONS, { reason: 'peer' })).toBe(1)
      expect(swarm.counter(CONNECTIONS, {})).toBe(1)
      await using honest = await startTestSwarm({ peers: [swarm.target(transport)] })
      await swarm.until('meshed with both', meshIs(greedy.id, honest.id))
    },
  )

  it('that never shake hands are 64 at a time and a second of one address, and an honest peer gets in when they are given up', async () => {
    await using swarm = await startTestSwarm()
    const [, , host = '', , port = ''] = addressOf(swarm, 'tcp').toString().split('/')
    const sockets = await Promise.all(many(80, async () => silentConnection(host, Number(port))))
    await vi.waitFor(() => expect(swarm.counter(CONNECTIONS, { reason: 'rate' })).toBe(16), { timeout: 3000 })
    expect(sockets).toHaveLength(80)
    await using honest = await startTestSwarm({ peers: [swarm.target('tcp')] })
    await honest.until('meshed', meshIs(swarm.id), 12_000)
  })
})

describe('streams', () => {
  it.each(['quic', 'tcp'] as const)('over %s are 64 of one connection, spoken on or not', async (transport) => {
    await using swarm = await startTestSwarm()
    await using greedy = await startPlainPeer({ transport, gossip: false, identify: false })
    const connection = await dialAgain(greedy, swarm, transport)
    const { muxer } = connection as unknown as {
      muxer: { createStream(options: object): Promise<{ send(data: Uint8Array): void }> }
    }
    // A stream that never comes to say its protocol, of 19 bytes, holds its place for ten seconds.
    for (let stream = 0; stream < 80; stream += 1) (await muxer.createStream({})).send(Uint8Array.of(19))
    await vi.waitFor(() => expect(swarm.counter(STREAMS, { reason: 'connection' })).toBeGreaterThanOrEqual(80 - 64), {
      timeout: 3000,
    })
    await using honest = await startTestSwarm({ peers: [swarm.target(transport)] })
    await honest.until('meshed', meshIs(swarm.id))
  })

  it('of one protocol beyond its limit are counted', async () => {
    await using swarm = await startTestSwarm()
    await using greedy = await startPlainPeer({ gossip: false, identify: false })
    const connection = await greedy.libp2p.dial(addressOf(swarm, 'quic'))
    for (let stream = 0; stream < 6; stream += 1) await connection.newStream('/meshsub/1.1.0').catch(() => undefined)
    await vi.waitFor(() => expect(swarm.counter(STREAMS, { reason: 'protocol' })).toBe(2), { timeout: 3000 })
    expect(swarm.counter(STREAMS, { reason: 'connection' })).toBe(0)
  })

  it('that come from elsewhere in another libp2p are noticed', () => {
    const observer = { onRefusedConnection: () => undefined, onRefusedStream: () => undefined }
    expect(() => limitStreams({} as Connection, observer)).toThrow('the streams of this libp2p come from elsewhere')
  })
})

async function silentConnection(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
