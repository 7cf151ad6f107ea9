/** The real counterparts themselves: if these fail, no other test against them means anything. */
import { createHash } from 'node:crypto'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { startRealPeer, type RealPeer, type RealPeerKind } from '../support/real-peer.ts'

const TOPIC = '/leanconsensus/12345678/block/ssz_snappy'
const OTHER_TOPIC = '/leanconsensus/12345678/aggregation/ssz_snappy'
const LISTEN = { QUIC: '/ip4/127.0.0.1/udp/0/quic-v1', TCP: '/ip4/127.0.0.1/tcp/0' }
const KINDS: readonly RealPeerKind[] = ['rust', 'go']

async function meshed(listener: RealPeer, dialer: RealPeer): Promise<void> {
  await dialer.dial(listener.addresses[0] ?? '')
  await Promise.all([listener.waitForMesh(TOPIC, [dialer.peerId]), dialer.waitForMesh(TOPIC, [listener.peerId])])
}

describe.each([
  ['rust', 'go', 'QUIC'],
  ['go', 'rust', 'QUIC'],
  ['rust', 'go', 'TCP'],
  ['go', 'rust', 'TCP'],
] as const)('a %s peer that dials a %s peer over %s', (dialerKind, listenerKind, transport) => {
  const options = { listen: [LISTEN[transport]], topics: [TOPIC] }

  test('is meshed with it, as both see it, and a message passes each way', async () => {
    await using listener = await startRealPeer(listenerKind, options)
    await using dialer = await startRealPeer(dialerKind, options)
    await meshed(listener, dialer)
    for (const [from, to] of [
      [listener, dialer],
      [dialer, listener],
    ] as const) {
      const wire = compressSync(`from ${from.peerId}`)
      await from.publish(TOPIC, wire)
      const sha256 = createHash('sha256').update(wire).digest('hex')
      const message = await to.waitForMessage((received) => received.sha256 === sha256)
      expect(message).toEqual({ event: 'message', topic: TOPIC, from: from.peerId, bytes: wire.length, sha256 })
    }
  })

  test('sees it leave a topic, and leave for good', async () => {
    await using listener = await startRealPeer(listenerKind, { ...options, topics: [TOPIC, OTHER_TOPIC] })
    await using dialer = await startRealPeer(dialerKind, options)
    await meshed(listener, dialer)
    dialer.subscribe(OTHER_TOPIC)
    await dialer.waitForMesh(OTHER_TOPIC, [listener.peerId])
    listener.unsubscribe(TOPIC)
    await dialer.waitForState(({ mesh, subscribers }) => mesh[TOPIC]?.length === 0 && subscribers[TOPIC]?.length === 0)
    expect(dialer.meshOf(OTHER_TOPIC)).toEqual([listener.peerId])
    await listener.stop()
    expect(listener.process.exitCode).toBe(0)
    await dialer.waitForState(({ connected, mesh }) => connected.length === 0 && mesh[OTHER_TOPIC]?.length === 0, 3_000)
  })
})

describe.each(KINDS)('a %s peer', (kind) => {
  test('makes the message ids of the lean network, where snappy decodes and where it does not', async () => {
    await using peer = await startRealPeer(kind)
    expect(await peer.messageId(TOPIC, Buffer.from('040c6c65616e', 'hex'))).toBe(
      '8a93a02ba0c2652092d1af72777dc9a280741fa9',
    )
    const wire = Buffer.from('ffffffff', 'hex')
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(TOPIC.length))
    const hash = createHash('sha256').update(Buffer.alloc(4)).update(length).update(TOPIC).update(wire)
    expect(await peer.messageId(TOPIC, wire)).toBe(hash.digest('hex').slice(0, 40))
  })

  test('has the identity of its key', async () => {
    const key = '01'.repeat(32)
    await using peer = await startRealPeer(kind, { key })
    const privateKey = privateKeyFromRaw(Buffer.from(key, 'hex'))
    expect(peer.peerId).toBe(peerIdFromPrivateKey(privateKey).toString())
  })

  test('counts a paced flood that it receives', async () => {
    const other = kind === 'rust' ? 'go' : 'rust'
    await using receiver = await startRealPeer(kind, { topics: [TOPIC], quietMessages: true })
    await using sender = await startRealPeer(other, { topics: [TOPIC] })
    await meshed(receiver, sender)
    expect(await sender.flood({ topic: TOPIC, bytes: 3_200, perSecond: 200, seconds: 1 })).toMatchObject({ sent: 200 })
    await expect.poll(async () => await receiver.stats()).toMatchObject({ received: 200 })
  })

  test('leaves when its standard input ends, and says what it does not understand', async () => {
    await using peer = await startRealPeer(kind)
    peer.process.send({ do: 'dance' })
    await peer.process.waitFor((event) => event.event === 'error' && event.error.includes('dance'))
    await peer.stop()
    expect(peer.process.exitCode).toBe(0)
  })
})
