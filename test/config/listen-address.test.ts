import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isListenClash, parseListenAddress, type ListenAddress } from '../../src/config/listen-address.ts'

function address(text: string): ListenAddress {
  const parsed = parseListenAddress(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

describe('an address to listen on', () => {
  test.each([
    ['0.0.0.0:9000', 'is not a multiaddr'],
    ['/ip4/300.0.0.1/udp/1/quic-v1', 'is not a multiaddr'],
    ['/ip4/127.0.0.1/udp/70000/quic-v1', 'is not a multiaddr'],
    ['/dns4/example.org/udp/1/quic-v1', 'does not begin with /ip4/ or /ip6/'],
    ['/ip4/127.0.0.1', 'has neither /udp/ nor /tcp/ after the address'],
    ['/ip4/127.0.0.1/udp/1', 'has /udp/ without /quic-v1 at its end'],
    ['/ip4/127.0.0.1/tcp/1/ws', 'goes on with /ws after the TCP port'],
    [
      '/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT',
      'ends in a peer id, which an address to listen on has not',
    ],
  ])('%s is refused: it %s', (text, wrong) => {
    expect(parseListenAddress(text)).toBe(wrong)
  })

  test('never throws on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseListenAddress(text)))
    fc.assert(fc.property(fc.string(), (text) => void parseListenAddress(`/ip4/127.0.0.1/${text}`)))
  })

  test.each([
    ['/ip4/0.0.0.0/udp/1/quic-v1', '/ip4/127.0.0.1/udp/1/quic-v1', true],
    ['/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.2/udp/1/quic-v1', false],
    ['/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/tcp/1', false],
    ['/ip4/127.0.0.1/udp/0/quic-v1', '/ip4/127.0.0.1/udp/0/quic-v1', false],
    ['/ip6/::/tcp/1', '/ip6/::1/tcp/1', true],
  ])('%s and %s: clash is %s, either way round', (a, b, clash) => {
    expect(isListenClash(address(a), address(b))).toBe(clash)
    expect(isListenClash(address(b), address(a))).toBe(clash)
  })
})
