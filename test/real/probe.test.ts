import { describe, expect, test } from 'vitest'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'
import { runCommandLine } from '../support/command-line.ts'
import { type RealPeer, type RealPeerKind, startRealPeer } from '../support/real-peer.ts'
import { statusBody } from '../support/status-body.ts'

const OTHER_ID = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
/** Two peers fill it. */
const SMALL_MESH = { d: 2, dLow: 1, dHigh: 2 }

async function probe(address: string | undefined, ...options: string[]) {
  const { code, stdout } = await runCommandLine(['probe', address ?? '', '--json', ...options])
  const { outcome, cause, steps } = JSON.parse(stdout) as Report
  const textOf = (name: string) => steps.find(({ step }) => step === name)?.text
  return { code, outcome, cause, textOf, failed: steps.filter(({ ok }) => !ok).map(({ step }) => step) }
}

interface Report {
  outcome: string
  cause: string
  steps: { step: string; ok: boolean; text: string }[]
}

const withKeyOf = (address: string | undefined, peerId: string) => address?.replace(/p2p\/.*$/, `p2p/${peerId}`)
const client = (kind: RealPeerKind) => startRealPeer(kind, { topics: [BLOCK], status: statusBody({ headSlot: 42 }) })

describe.each(['rust', 'go'] as const)('a probe of a %s peer', (kind) => {
  test('ends in its mesh, with its Status, and leaves it', async () => {
    await using peer = await client(kind)
    const { code, outcome, failed, textOf } = await probe(peer.addresses[0])
    expect({ code, outcome, failed }).toEqual({ code: 0, outcome: 'meshed', failed: [] })
    expect(textOf('gossipsub')).toBe('/meshsub/1.2.0')
    expect(textOf('status')).toMatch(/^head slot 42, /)
    // It was there: the peer itself has said so, and says that it left.
    const meshed = await peer.process.waitFor(
      (event) => event.event === 'state' && (event.mesh[BLOCK] ?? []).length === 1,
    )
    expect(meshed).toBeDefined()
    await peer.waitForMesh(BLOCK, [])
  })

  test('says that it is on another fork digest, or on other topics', async () => {
    await using peer = await client(kind)
    const fork = await probe(peer.addresses[0], '--fork-digest', 'devnet0')
    expect(fork).toMatchObject({ code: 1, outcome: 'other_fork', failed: ['topics'] })
    expect(fork.cause).toContain('another fork digest, 12345678; ours is devnet0')
    const topics = await probe(peer.addresses[0], '--topics', 'aggregation')
    expect(topics).toMatchObject({ code: 1, outcome: 'no_common_topic', failed: ['topics'] })
  })

  test('says that another key is at the address, and whose', async () => {
    await using peer = await client(kind)
    const { code, outcome, textOf } = await probe(withKeyOf(peer.addresses[0], OTHER_ID))
    expect({ code, outcome }).toEqual({ code: 3, outcome: 'wrong_peer_id' })
    expect(textOf('handshake')).toBe(`it has the key of ${peer.peerId}`)
  })

  test('says that it speaks no gossipsub', async () => {
    await using peer = await startRealPeer(kind, { gossip: false })
    const { code, outcome, failed } = await probe(peer.addresses[0])
    expect({ code, outcome, failed }).toEqual({ code: 1, outcome: 'no_gossipsub', failed: ['gossipsub', 'status'] })
  })

  test('says that nothing listens any more', async () => {
    const peer: RealPeer = await client(kind)
    await peer.kill()
    expect(await probe(peer.addresses[0])).toMatchObject({ code: 3, outcome: 'unreachable', failed: ['dial'] })
  })

  test('says that its mesh is full, and how long its back-off is', async () => {
    await using peer = await startRealPeer(kind, { topics: [BLOCK], mesh: SMALL_MESH })
    const member = { topics: [BLOCK], dial: [peer.addresses[0] ?? ''] }
    await using first = await startRealPeer(kind, member)
    await using second = await startRealPeer(kind, member)
    await peer.waitForMesh(BLOCK, [first.peerId, second.peerId])
    const { code, outcome, textOf } = await probe(peer.addresses[0])
    expect({ code, outcome }).toEqual({ code: 1, outcome: 'pruned_backoff' })
    expect(textOf('graft')).toMatch(/^it pruned us from block, with a back-off of \d+ s$/)
  })
})

test('a probe of a rust peer without identify ends in its mesh all the same', async () => {
  await using peer = await startRealPeer('rust', { topics: [BLOCK, AGGREGATION], identify: false })
  const { code, outcome, failed } = await probe(peer.addresses[0])
  expect({ code, outcome, failed }).toEqual({ code: 0, outcome: 'meshed', failed: ['identify', 'status'] })
})
