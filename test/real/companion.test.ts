/** Real peers as the companion, through every state that they can bring about, as an operator sees it. */
import { describe, expect, test } from 'vitest'
import type { CompanionDocument, CompanionsDocument } from '../../src/verdict/mesh-document.ts'
import { COMPANION_STATES, type CompanionState } from '../../src/mesh/companion-state.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import { startRealPeer, type RealPeer, type RealPeerKind } from '../support/real-peer.ts'
import { LEAN_TOPICS, meshOf, startRunningSidecar, type RunningSidecar } from '../support/running-sidecar.ts'

const LISTEN = { QUIC: '/ip4/127.0.0.1/udp/0/quic-v1', TCP: '/ip4/127.0.0.1/tcp/0' }
const KINDS: readonly RealPeerKind[] = ['rust', 'go']
const CASES = KINDS.flatMap((kind) => (['QUIC', 'TCP'] as const).map((transport) => [kind, transport] as const))
const BLOCK = leanTopic('12345678', 'block')
const FULL = { d: 2, dLow: 1, dHigh: 2 }
const TIMEOUT_MS = 40_000

const addressOf = ({ addresses }: RealPeer) => (addresses[0] ?? '').replace(/\/p2p\/.*/, '')
const seriesOf = (state: string) => `leanmesh_companion_state{network_id="0",state="${state}"}`

async function beside(peer: RealPeer): Promise<RunningSidecar> {
  const names = new Map([[peer.peerId, 'zeam_0']])
  return await startRunningSidecar({ dial: peer.addresses, companion: peer.peerId, names })
}

/** Waits for the state, and expects metrics, `/v1/companion` and the status page to agree on it. */
async function untilIs(sidecar: RunningSidecar, state: CompanionState): Promise<CompanionDocument> {
  await sidecar.waitForNetwork(({ companion }) => companion?.state === state, TIMEOUT_MS)
  const text = await sidecar.metrics()
  for (const each of COMPANION_STATES) expect(text).toContain(`\n${seriesOf(each)} ${each === state ? 1 : 0}\n`)
  const { networks } = (await (await fetch(new URL('v1/companion', sidecar.url))).json()) as CompanionsDocument
  const [companion] = networks
  expect(companion).toMatchObject({ networkId: '0', state, sentence: expect.stringContaining('companion ') as string })
  if (!companion) throw new Error('there is no companion')
  return companion
}

describe.each(CASES)('a %s companion over %s', (kind, transport) => {
  const options = { listen: [LISTEN[transport]], topics: LEAN_TOPICS }

  test('is meshed, unreachable once it is killed, another peer while another key is there, and meshed once it is back', async () => {
    const key = '11'.repeat(32)
    const peer = await startRealPeer(kind, { ...options, key })
    const listen = [addressOf(peer)]
    await using sidecar = await beside(peer)
    const meshed = await untilIs(sidecar, 'meshed')
    expect(meshed.sentence).toMatch(/^companion zeam_0: in the mesh of \d of 3 topics$/)
    expect(meshed.evidence).toMatchObject({ failures: 0, speaksGossipsub: true })
    await peer.kill()
    const { sentence } = await untilIs(sidecar, 'unreachable')
    expect(await (await fetch(sidecar.url)).text()).toContain('companion zeam_0: not connected')
    expect(sentence).toContain('not connected')
    {
      await using other = await startRealPeer(kind, { ...options, listen })
      const found = await untilIs(sidecar, 'wrong_peer_id')
      expect(found.evidence?.lastError).toContain(other.peerId)
      expect(found.sentence).toContain('another peer is at its address')
    }
    await using back = await startRealPeer(kind, { ...options, listen, key })
    expect(back.peerId).toBe(peer.peerId)
    await untilIs(sidecar, 'meshed')
  }, 90_000)

  test('that listens nowhere is unreachable, with the reason and what to check', async () => {
    const peer = await startRealPeer(kind, options)
    await peer.kill()
    await using sidecar = await beside(peer)
    await sidecar.waitForNetwork(({ companion }) => companion?.evidence?.lastError !== undefined, TIMEOUT_MS)
    const { evidence, sentence } = await untilIs(sidecar, 'unreachable')
    expect(evidence?.lastError).toMatch(transport === 'TCP' ? /refused/i : /timed out/)
    expect(sentence).toContain('check that it runs')
  })

  test('without gossipsub is told so', async () => {
    await using peer = await startRealPeer(kind, { listen: [LISTEN[transport]], gossip: false })
    await using sidecar = await beside(peer)
    const { evidence } = await untilIs(sidecar, 'no_gossipsub')
    expect(evidence).toMatchObject({ speaksGossipsub: false, topics: [] })
  })

  test('of another fork is told which', async () => {
    await using peer = await startRealPeer(kind, { ...options, topics: [leanTopic('devnet0', 'block')] })
    await using sidecar = await beside(peer)
    await sidecar.waitForNetwork(({ companion }) => companion?.evidence?.forkDigests[0] === 'devnet0')
    const { sentence } = await untilIs(sidecar, 'no_common_topic')
    expect(sentence).toContain('it is on fork digest devnet0, and this network is configured for 12345678')
  })
})

test.each(KINDS)('a %s companion whose mesh is full prunes, and is backed off', async (kind) => {
  await using peer = await startRealPeer(kind, { topics: [BLOCK], mesh: FULL })
  await using first = await startRealPeer('rust', { topics: [BLOCK], dial: peer.addresses })
  await using second = await startRealPeer('rust', { topics: [BLOCK], dial: peer.addresses })
  await peer.waitForMesh(BLOCK, [first.peerId, second.peerId])
  await using sidecar = await beside(peer)
  const { evidence, sentence } = await untilIs(sidecar, 'pruned_backoff')
  expect(evidence).toMatchObject({ topics: [BLOCK], meshTopics: [], backedOffTopics: [BLOCK] })
  expect(sentence).toContain('allow it more mesh peers')
})

test.each(KINDS)('a %s companion that nobody needs to graft stays subscribed', async (kind) => {
  await using stack = new AsyncDisposableStack()
  const friends: RealPeer[] = []
  for (let count = 0; count < 6; count++) {
    friends.push(stack.use(await startRealPeer('rust', { topics: [BLOCK] })))
  }
  const dial = friends.flatMap(({ addresses }) => addresses)
  await using peer = await startRealPeer(kind, { topics: [BLOCK], mesh: FULL, dial: dial.slice(0, 2) })
  await peer.waitForMesh(
    BLOCK,
    friends.slice(0, 2).map(({ peerId }) => peerId),
  )
  await using sidecar = await startRunningSidecar({ dial, companion: peer.peerId })
  const { listenAddresses } = await sidecar.waitForNetwork(
    (network) => meshOf(network, BLOCK).length === friends.length,
  )
  await peer.dial(listenAddresses.find((address) => address.includes('quic')) ?? '')
  await untilIs(sidecar, 'subscribed')
  await sidecar.waitForNetwork(({ companion }) => (companion?.sinceSeconds ?? 0) > 3)
  const { evidence } = await untilIs(sidecar, 'subscribed')
  expect(evidence).toMatchObject({ topics: [BLOCK], meshTopics: [], backedOffTopics: [] })
  const ofBlocks = (metric: string) => sidecar.value(`${metric}{network_id="0",topic="${BLOCK}"}`)
  expect(await ofBlocks('leanmesh_mesh_deficit')).toBe(0)
  expect(await ofBlocks('leanmesh_mesh_candidates')).toBe(1)
})

test('a companion that hangs up again and again gets no farther than the handshake', async () => {
  await using peer = await startRealPeer('rust', { gossip: false, unusedTimeoutMs: 100 })
  await using sidecar = await beside(peer)
  const { evidence } = await untilIs(sidecar, 'handshake_failed')
  expect(evidence?.lastError).toMatch(/^disconnected after \d\.\d s$/)
})
