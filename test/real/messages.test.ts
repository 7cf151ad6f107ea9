/** What the sidecar measures of messages that real peers publish early, in time and late, by a right clock and by a wrong one. */
import { setTimeout as delay } from 'node:timers/promises'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { devnetAggregation, devnetAttestation, devnetBlock } from '../../src/devnet/messages.ts'
import { INTERVAL_MS, SLOT_MS } from '../../src/mesh/slot-clock.ts'
import { parseExposition } from '../support/exposition.ts'
import { type RealPeer, startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, meshOf, type RunningSidecar, startRunningSidecar } from '../support/running-sidecar.ts'

const [BLOCK = '', AGGREGATION = '', ATTESTATION = ''] = LEAN_TOPICS
const GENESIS_SECONDS = Math.floor(Date.now() / 1000) - 1000
const OFF_SECONDS = 60
/** So long after a boundary: no timer fires before it. */
const SOON_MS = 20
const MAX_WARM_UP_SLOTS = 8
const MAX_ROUNDS = 6

const slotStartMs = (slot: number) => GENESIS_SECONDS * 1000 + slot * SLOT_MS
const slotNow = () => Math.floor((Date.now() - slotStartMs(0)) / SLOT_MS)
const untilIn = (slot: number, ms: number) => delay(Math.max(0, slotStartMs(slot) + ms - Date.now()))

interface Publisher {
  block(slot: number): Promise<void>
  attestation(slot: number): Promise<void>
  aggregation(slot: number): Promise<void>
}

function publisher(peer: RealPeer): Publisher {
  return {
    block: (slot) => peer.publish(BLOCK, compressSync(devnetBlock(slot))),
    attestation: (slot) => peer.publish(ATTESTATION, compressSync(devnetAttestation(slot, 1))),
    aggregation: (slot) => peer.publish(AGGREGATION, compressSync(devnetAggregation(slot))),
  }
}

/** Every counter and bucket, as in the exposition. */
async function counts(sidecar: RunningSidecar): Promise<Map<string, number>> {
  const families = parseExposition(await sidecar.metrics()).filter(({ type }) => type !== 'gauge')
  const samples = families.flatMap(({ samples }) => samples)
  return new Map(
    samples.map(({ name, labels, value }) => {
      const pairs = [...labels].map(([key, text]) => `${key}=${text}`).sort()
      return [[name, ...pairs].join(' '), value]
    }),
  )
}

const ACCEPTED = 'leanmesh_gossip_messages_total network_id=0 result=accepted topic_kind='

async function untilAccepted(sidecar: RunningSidecar, before: ReadonlyMap<string, number>, messages: number) {
  const accepted = (all: ReadonlyMap<string, number>) =>
    ['block', 'attestation', 'aggregation'].reduce((sum, kind) => sum + (all.get(ACCEPTED + kind) ?? 0), 0)
  const known = async () => accepted(await counts(sidecar)) - accepted(before)
  await expect.poll(known, { timeout: 10_000, interval: 10 }).toBe(messages)
  const after = await counts(sidecar)
  return (series: string) => (after.get(series) ?? Number.NaN) - (before.get(series) ?? Number.NaN)
}

/** Messages in their own slots, until both sidecars know what to think of their clock. */
async function warmUp(peers: readonly Publisher[], sidecars: readonly RunningSidecar[]): Promise<void> {
  for (let round = 0; round < MAX_WARM_UP_SLOTS; round++) {
    const slot = slotNow() + 1
    await untilIn(slot, INTERVAL_MS + SOON_MS)
    const before = await Promise.all(sidecars.map(counts))
    await Promise.all(peers.flatMap((peer) => [peer.block(slot), peer.attestation(slot)]))
    for (const [at, sidecar] of sidecars.entries())
      await untilAccepted(sidecar, before[at] ?? new Map(), 2 * peers.length)
    const judged = await Promise.all(sidecars.map((each) => each.value('leanmesh_clock_suspect{network_id="0"}')))
    if (judged.every((value) => value !== undefined)) return
  }
  throw new Error(`no verdict on the clocks within ${MAX_WARM_UP_SLOTS} slots`)
}

/**
 * Of each kind one message early, one in time and one late; an aggregate is never early.
 *
 * @returns false when this machine was too slow for what should come in time
 */
async function publishAll(peers: readonly Publisher[], sidecar: RunningSidecar): Promise<boolean> {
  const slot = slotNow() + 1
  const inInterval = async (interval: number, ...messages: ((peer: Publisher) => Promise<void>)[]) => {
    const before = await counts(sidecar)
    await untilIn(slot, interval * INTERVAL_MS + SOON_MS)
    for (const publish of messages) await Promise.all(peers.map(publish))
    await untilAccepted(sidecar, before, messages.length * peers.length)
    return Date.now() < slotStartMs(slot) + (interval + 1) * INTERVAL_MS
  }
  const inTime = [
    await inInterval(
      0,
      (peer) => peer.block(slot),
      (peer) => peer.attestation(slot),
      (peer) => peer.attestation(slot - 1),
      (peer) => peer.aggregation(slot - 1),
      (peer) => peer.block(slot - 1),
      (peer) => peer.block(slot + 1),
    ),
    await inInterval(1, (peer) => peer.attestation(slot)),
    await inInterval(2, (peer) => peer.aggregation(slot)),
  ]
  return inTime.every(Boolean)
}

/** The growth of each series over a round of messages that all came when they should. */
async function roundInTime(peers: readonly Publisher[], sidecar: RunningSidecar) {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = await counts(sidecar)
    if (await publishAll(peers, sidecar)) return await untilAccepted(sidecar, before, 8 * peers.length)
  }
  throw new Error(`no round of ${MAX_ROUNDS} came in time: this machine is too busy`)
}

async function expectExactCounts(peers: readonly Publisher[], sidecar: RunningSidecar): Promise<void> {
  const grown = await roundInTime(peers, sidecar)
  const positions = (kind: string) =>
    ['before', 'inside', 'after'].map((position) => grown(`lean_gossip_${kind}_arrival_total position=${position}`))
  expect(positions('block')).toEqual([2, 2, 2])
  expect(positions('attestation')).toEqual([2, 2, 2])
  expect(positions('aggregation')).toEqual([Number.NaN, 2, 2])
  const buckets = (series: string, bounds: readonly number[]) =>
    bounds.map((le) => grown(series.replace('{le}', `le=${le}`)))
  // In time; almost a slot early; a slot late.
  expect(buckets('lean_gossip_block_arrival_delay_seconds_bucket {le}', [0.8, 2.4, 4, 8])).toEqual([2, 2, 4, 6])
  const bySlot = 'leanmesh_slot_arrival_delay_seconds_bucket {le} network_id=0 topic_kind=aggregation'
  expect(buckets(bySlot, [1.2, 2.4, 8])).toEqual([0, 2, 4])
  expect(grown('lean_gossip_attestation_size_bytes_count')).toBe(6)
  expect(grown('leanmesh_untimed_messages_total network_id=0 reason=clock topic_kind=block')).toBe(0)
}

async function expectSilence(sidecar: RunningSidecar): Promise<void> {
  const all = [...(await counts(sidecar))]
  const sum = (pattern: RegExp) =>
    all.reduce((total, [series, value]) => (pattern.test(series) ? total + value : total), 0)
  expect(sum(/^lean_gossip_\w+_arrival_(total|delay_seconds_count)|^leanmesh_slot_arrival_delay_seconds_count/)).toBe(0)
  expect(sum(/^leanmesh_untimed_messages_total .*reason=clock/)).toBe(sum(/^leanmesh_gossip_.* result=accepted/))
  const offset = await sidecar.value('leanmesh_clock_offset_seconds{network_id="0"}')
  expect(offset).toBeGreaterThan(OFF_SECONDS - 1)
  expect(offset).toBeLessThan(OFF_SECONDS + SLOT_MS / 1000)
  expect(await sidecar.value('leanmesh_clock_suspect{network_id="0"}')).toBe(1)
  const words = /this host('|&#39;)s clock or the genesis time is off by about 6[0-3] s/
  expect((await sidecar.network()).clock?.sentence).toMatch(words)
  expect(await (await fetch(sidecar.url)).text()).toMatch(words)
}

/** Small messages that each peer gets from two sides, until one comes twice. Of large ones copies are declined. */
async function copies(peers: readonly Publisher[], sidecar: RunningSidecar): Promise<number> {
  const series = 'leanmesh_duplicates_total{network_id="0",topic_kind="attestation"}'
  for (let round = 0; round < 50; round++) {
    const before = await counts(sidecar)
    await Promise.all(peers.map((peer) => peer.attestation(slotNow())))
    await untilAccepted(sidecar, before, peers.length)
    const value = await sidecar.value(series)
    if (value !== undefined && value > 0) return value
  }
  return 0
}

test('messages of real peers are counted by when they come, and a genesis time that is off by 60 s is said instead', async () => {
  await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS, quietMessages: true })
  await using go = await startRealPeer('go', { topics: LEAN_TOPICS, quietMessages: true })
  const names = new Map([
    [rust.peerId, 'ream_0'],
    [go.peerId, 'gean_0'],
  ])
  const options = { dial: [...rust.addresses, ...go.addresses], names }
  await using right = await startRunningSidecar({ ...options, genesisTimeSeconds: GENESIS_SECONDS })
  await using wrong = await startRunningSidecar({ ...options, genesisTimeSeconds: GENESIS_SECONDS - OFF_SECONDS })
  for (const sidecar of [right, wrong]) {
    await sidecar.waitForNetwork((state) => LEAN_TOPICS.every((topic) => meshOf(state, topic).length === 2))
  }
  await Promise.all([rust, go].map((peer) => peer.waitForState(({ mesh }) => mesh[BLOCK]?.length === 2)))
  const first = (client: string) =>
    right.value(`leanmesh_first_delivery_total{client="${client}",network_id="0",topic_kind="block"}`)
  expect([await first('ream_0'), await first('gean_0')]).toEqual([0, 0])

  const peers = [publisher(rust), publisher(go)]
  await warmUp(peers, [right, wrong])
  expect((await right.network()).clock?.state).toBe('good')
  await expectExactCounts(peers, right)
  await expectSilence(wrong)

  expect(await copies(peers, right)).toBeGreaterThan(0)
  expect(await first('ream_0')).toBeGreaterThan(0)
  expect(await first('gean_0')).toBeGreaterThan(0)
  expect(await first('unknown')).toBe(0)
})
