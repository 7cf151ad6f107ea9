/** What passes through the sidecar between real peers, what does not, and that nobody is dropped for it. */
import { createHash, randomBytes } from 'node:crypto'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { type RealPeer, startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, meshOf, type RunningSidecar, startRunningSidecar } from '../support/running-sidecar.ts'

const [BLOCK = ''] = LEAN_TOPICS
const MIB = 1024 * 1024
const LISTEN = { QUIC: '/ip4/127.0.0.1/udp/0/quic-v1', TCP: '/ip4/127.0.0.1/tcp/0' }

async function relay(sidecar: RunningSidecar, peers: readonly RealPeer[]): Promise<void> {
  const network = await sidecar.waitForNetwork((state) => meshOf(state, BLOCK).length === peers.length)
  await Promise.all(peers.map((peer) => peer.waitForMesh(BLOCK, [network.peerId ?? ''])))
}

function isWire(wire: Uint8Array): (message: { sha256: string }) => boolean {
  const sha256 = createHash('sha256').update(wire).digest('hex')
  return (message) => message.sha256 === sha256
}

describe.each(['QUIC', 'TCP'] as const)('over %s', (transport) => {
  const options = { listen: [LISTEN[transport]], topics: LEAN_TOPICS }

  test('a message of 10 MiB passes from a rust peer to a go peer and back', async () => {
    await using rust = await startRealPeer('rust', options)
    await using go = await startRealPeer('go', options)
    await using sidecar = await startRunningSidecar({ dial: [...rust.addresses, ...go.addresses] })
    await relay(sidecar, [rust, go])
    for (const [from, to] of [[rust, go] as const, [go, rust] as const]) {
      const wire = compressSync(randomBytes(10 * MIB))
      await from.publish(BLOCK, wire)
      expect(await to.waitForMessage(isWire(wire), 30_000)).toMatchObject({ bytes: wire.length })
    }
  })

  test('what does not decode is counted and goes no further, and its sender stays in the mesh', async () => {
    await using rust = await startRealPeer('rust', options)
    await using go = await startRealPeer('go', options)
    await using sidecar = await startRunningSidecar({ dial: [...rust.addresses, ...go.addresses] })
    await relay(sidecar, [rust, go])
    const garbage = Buffer.concat([Buffer.of(200, 1), randomBytes(64)])
    await rust.publish(BLOCK, garbage)
    const series = 'leanmesh_gossip_messages_total{network_id="0",result="undecodable",topic_kind="block"}'
    await sidecar.waitForMetrics((text) => text.includes(`${series} 1\n`))
    const good = compressSync('after the garbage')
    await rust.publish(BLOCK, good)
    await go.waitForMessage(isWire(good))
    await expect(go.waitForMessage(isWire(garbage), 1)).rejects.toThrow()
    expect(meshOf(await sidecar.network(), BLOCK)).toContain(rust.peerId)
  })
})

test('a message over the limit is refused and counted, and its sender stays in the mesh', async () => {
  const options = { topics: LEAN_TOPICS }
  await using rust = await startRealPeer('rust', options)
  await using sidecar = await startRunningSidecar({ dial: rust.addresses, maxMessageBytes: MIB })
  await relay(sidecar, [rust])
  await rust.publish(BLOCK, compressSync(randomBytes(MIB + 1000)))
  const series = 'leanmesh_gossip_messages_total{network_id="0",result="oversized",topic_kind="block"}'
  await sidecar.waitForMetrics((text) => text.includes(`${series} 1\n`))
  expect(meshOf(await sidecar.network(), BLOCK)).toEqual([rust.peerId])
})

test('a peer whose message is too long for the stream is counted, and meshed on both sides again', async () => {
  const options = { topics: LEAN_TOPICS }
  await using rust = await startRealPeer('rust', options)
  await using sidecar = await startRunningSidecar({ dial: rust.addresses, maxMessageBytes: MIB })
  await relay(sidecar, [rust])
  await rust.publish(BLOCK, compressSync(randomBytes(3 * MIB)))
  // Its topic stands in what was not read.
  const series = 'leanmesh_gossip_messages_total{network_id="0",result="oversized",topic_kind="other"}'
  await sidecar.waitForMetrics((text) => text.includes(`${series} 1\n`))
  await relay(sidecar, [rust])
})

test('a flood of 1,000 messages a second reaches the far side, causes no restart, and no scrape fails', async () => {
  await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS })
  await using go = await startRealPeer('go', { topics: LEAN_TOPICS, quietMessages: true })
  await using sidecar = await startRunningSidecar({ dial: [...rust.addresses, ...go.addresses] })
  await relay(sidecar, [rust, go])
  const load = { isOver: false }
  const flood = rust
    .flood({ topic: BLOCK, bytes: 3200, perSecond: 1000, seconds: 4 })
    .finally(() => (load.isOver = true))
  const statuses = new Set<number>()
  while (!load.isOver) statuses.add((await fetch(`${sidecar.url}metrics`)).status)
  const { sent } = await flood
  expect([...statuses]).toEqual([200])
  await expect.poll(async () => (await go.stats()).received, { timeout: 20_000, interval: 200 }).toBe(sent)
  expect((await sidecar.network()).restarts).toEqual({ exit: 0, killed: 0, hung: 0, memory: 0, start_failed: 0 })
})

test('a go peer gets its own Status back', async () => {
  await using go = await startRealPeer('go', { topics: LEAN_TOPICS })
  await using sidecar = await startRunningSidecar({ dial: go.addresses })
  const { peerId } = await sidecar.waitForNetwork((state) => meshOf(state, BLOCK).length === 1)
  const status = randomBytes(80)
  expect(await go.requestStatus(peerId ?? '', status)).toEqual({ code: 0, hex: status.toString('hex') })
})
