import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeanmeshError } from '../../src/errors.ts'
import { multiaddrPeer } from '../../src/genesis/multiaddr-peer.ts'
import { mergePeers, parsePeer, readPeers } from '../../src/genesis/peers.ts'
import { fixture } from '../support/settings.ts'

const ID = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const OTHER_ID = '16Uiu2HAm9ViUVSkHosi4j11gezA3T4rhh5JSXgNTAYEbF9AT1217'

describe('a peer', () => {
  test.each([
    '/ip4/192.0.2.1/udp/9001/quic-v1',
    '/ip6/2001:db8::1/udp/9001/quic-v1',
    '/dns/zeam-0/udp/9001/quic-v1',
    '/dns4/zeam-0.lean.svc/udp/9001/quic-v1',
    '/dns6/zeam-0/tcp/9001',
    '/ip4/192.0.2.1/tcp/9001',
  ])('may be at %s', (address) => {
    expect(parsePeer(`${address}/p2p/${ID}`)).toEqual({ peerId: ID, addresses: [address] })
  })

  test.each([
    ['/ip4/192.0.2.1/udp/9001/quic-v1', /names no peer; add \/p2p\/<peer id> to its end/],
    [`/ip4/192.0.2.1/udp/9001/p2p/${ID}`, /has \/udp\/ without \/quic-v1 after it; write it as/],
    [`/ip4/192.0.2.1/udp/9001/quic/p2p/${ID}`, /has \/udp\/ without \/quic-v1 after it/],
    [`/ip4/192.0.2.1/udp/0/quic-v1/p2p/${ID}`, /has port 0, which cannot be dialled; give the port/],
    [`/ip4/192.0.2.1/p2p/${ID}`, /has neither \/udp\/ nor \/tcp\/ after the host/],
    [`/ip4/192.0.2.1/tcp/9001/ws/p2p/${ID}`, /goes on with \/ws where \/p2p\/<peer id> should end it/],
    [`/ip4/192.0.2.1/tcp/9001/p2p/${ID}/p2p-circuit`, /goes on with \/p2p where/],
    [`/ip4/999.0.2.1/tcp/9001/p2p/${ID}`, /is not a multiaddr \(.+\); write it as/],
    ['/ip4/192.0.2.1/tcp/9001/p2p/zeam_0', /is not a multiaddr|is not a peer id/],
  ])('is refused as %s, with what would be right', (text, message) => {
    expect(() => multiaddrPeer(text)).toThrow(message)
    expect(() => multiaddrPeer(text)).toThrow(LeanmeshError)
  })

  test('of any text fails with a LeanmeshError only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const candidate of [text, `/ip4/${text}`, `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${text}`]) {
          try {
            parsePeer(candidate)
          } catch (error) {
            expect(error).toBeInstanceOf(LeanmeshError)
          }
        }
      }),
    )
  })
})

describe('peers of a setting', () => {
  test('may be the path of a nodes.yaml', async () => {
    expect(await readPeers(fixture('genesis', 'nodes.yaml'))).toHaveLength(4)
  })

  test('that are none of the three are a file that is not there', async () => {
    await expect(readPeers('/ipv4/192.0.2.1')).rejects.toThrow('cannot read /ipv4/192.0.2.1: there is no such file')
  })

  test.each(['127.0.0.1:9001', `enode://${'a'.repeat(128)}@192.0.2.1:30303`, '[::1]:9001', `zeam:${'a'.repeat(300)}`])(
    'that look like an address, %s, are told how to write one',
    async (text) => {
      await expect(readPeers(text)).rejects.toThrow(
        /^".+" is neither a multiaddr nor an ENR, nor is there such a file; write it as \/ip4\/192\.0\.2\.1\/udp/,
      )
    },
  )

  test('are one target a peer, with all its addresses once and in their order', () => {
    const [a, b] = ['/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.1/tcp/2']
    const listed = [
      { peerId: ID, addresses: [a, b] },
      { peerId: OTHER_ID, addresses: [a] },
      { peerId: ID, addresses: [b, a] },
    ]
    expect(mergePeers(listed)).toEqual([
      { peerId: ID, addresses: [a, b] },
      { peerId: OTHER_ID, addresses: [a] },
    ])
  })
})
