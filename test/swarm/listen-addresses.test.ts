import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { listenAddresses } from '../../src/swarm/listen-addresses.ts'

/** A node whose addresses and events the test tells. */
function toldNode(first: string) {
  const events = new EventTarget()
  const node = { address: first, reads: 0, emit: (type: string) => void events.dispatchEvent(new Event(type)) }
  const libp2p = {
    addEventListener: events.addEventListener.bind(events),
    getMultiaddrs: () => {
      node.reads++
      return [multiaddr(node.address)]
    },
  }
  return { node, libp2p: libp2p as unknown as Parameters<typeof listenAddresses>[0] }
}

test('addresses are read once in ten seconds, and then as they are', () => {
  const { node, libp2p } = toldNode('/ip4/127.0.0.1/tcp/1')
  let now = 5
  const read = listenAddresses(libp2p, () => now)
  expect([read(), read()]).toEqual([['/ip4/127.0.0.1/tcp/1'], ['/ip4/127.0.0.1/tcp/1']])
  node.address = '/ip4/127.0.0.1/tcp/2'
  now += 9999
  expect(read()).toEqual(['/ip4/127.0.0.1/tcp/1'])
  now += 1
  expect(read()).toEqual(['/ip4/127.0.0.1/tcp/2'])
  expect(node.reads).toBe(2)
})

test.each(['transport:listening', 'transport:close', 'self:peer:update'])('they are read again after %s', (change) => {
  const { node, libp2p } = toldNode('/ip4/127.0.0.1/tcp/1')
  const read = listenAddresses(libp2p, () => 5)
  read()
  node.address = '/ip4/127.0.0.1/udp/2/quic-v1'
  node.emit(change)
  expect(read()).toEqual(['/ip4/127.0.0.1/udp/2/quic-v1'])
})
