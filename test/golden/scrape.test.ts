import { describe, expect, it } from 'vitest'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import { leanTopic } from '../../src/mesh/topics.ts'
import type { CompanionReport } from '../../src/metrics/companion-metrics.ts'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import { parseExposition } from '../support/exposition.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { AGGREGATION, BLOCK, companionOf, fakeNetwork, headOf, networkState, runningNetwork, snapshotOf } from '../support/network-states.ts'
import { UNLINTABLE_METRICS } from '../support/unlintable-metrics.ts'

const NAMES = new Map([
  ['peer-zeam', 'zeam_0'],
  ['peer-ream', 'ream_0'],
  ['peer-gone', 'qlean_1'],
])

const ATTESTATION = leanTopic('12345678', 'attestation_0')

function mainnet(): NetworkState {
  return networkState({
    networkId: 'mainnet',
    phase: 'running',
    topics: [BLOCK, AGGREGATION, ATTESTATION],
    attestationCommittees: 1,
    snapshot: snapshotOf({
      takenAtMs: 9_750,
      topics: [
        { topic: BLOCK, mesh: ['peer-zeam', 'peer-ream', 'peer-stranger'], subscribers: 4 },
        { topic: AGGREGATION, mesh: ['peer-zeam'], subscribers: 2 },
      ],
      companion: companionOf('peer-zeam', { topics: [ATTESTATION] }),
      connectedPeers: ['peer-zeam', 'peer-ream', 'peer-stranger', 'peer-quiet'],
      messages: {
        lastAcceptedAtMs: { block: 8_000, attestation: 9_500 },
        clock: { state: 'suspect', offsetSeconds: -12.5 },
      },
      topicSupply: [
        { topic: BLOCK, candidates: 1, backoffs: 2 },
        { topic: AGGREGATION, candidates: 0, backoffs: 0 },
      ],
      meshedSinceMs: [
        ['peer-zeam', 1_500],
        ['peer-ream', 9_000],
        ['peer-stranger', 9_000],
      ],
      foreignForks: { peers: 1, digests: [{ forkDigest: 'devnet0', peers: 1 }] },
      heads: [headOf('peer-zeam', { headSlot: 1204 }), headOf('peer-ream', { headSlot: 1187, finalizedRoot: 'a0' })],
      usage: { cpuSeconds: 12.25, residentBytes: 104_857_600, eventLoopLagSeconds: 0.25 },
    }),
    totals: [
      { metric: 'leanmesh_gossip_messages_total', labels: { result: 'accepted', topic_kind: 'block' }, value: 42 },
      { metric: 'leanmesh_dials_total', labels: { result: 'success' }, value: 4 },
      { metric: 'leanmesh_mesh_grafts_total', labels: { topic: BLOCK, reason: 'by_peer' }, value: 3 },
    ],
    companion: { state: 'meshed', sinceMs: 1_500 },
    cpuSeconds: 15.5,
    warnings: 2,
    restarts: { exit: 0, killed: 1, hung: 0, memory: 0, start_failed: 0 },
  })
}

const PUSHED = {
  exports: 12,
  failures: {
    unreachable: 0, timeout: 0, tls: 0, rejected: 0, throttled: 1, server_error: 0, partial: 0, collection: 0, other: 0,
  },
  lastSuccessAgeSeconds: 2.5,
}

const REFUSED = { handshake: 2, client_certificate: 0, credentials: 5, throttled: 1, rate_limit: 0 }

const REPORTS: CompanionReport[] = [
  {
    networkId: 'mainnet',
    metrics: [
      { metric: 'lean_connected_peers', verdict: 'conforms' },
      { metric: 'lean_gossip_mesh_peers', verdict: 'deviates' },
      { metric: 'lean_attestation_committee_count', verdict: 'absent' },
    ],
    meshPeers: { reported: 9, definition: 'sum' },
  },
]

const restarting = networkState({
  networkId: 'devnet',
  phase: 'restarting',
  droppedCommands: { full: 0, closed: 2, uninitialized: 0 },
  lastError: 'out of memory',
})
const stopped = networkState({ networkId: '2' })

describe('the scrape', () => {
  it('with a names table, three networks in three states and a push is the golden file, and has the whole catalogue', async () => {
    const networks = [mainnet(), restarting, stopped].map((state) => fakeNetwork(state))
    const { scrape } = setUpMetrics(networks, { names: () => NAMES, hasLeanNodeInfo: true, otlp: PUSHED, httpRefusals: REFUSED, companionReports: REPORTS })
    const body = await scrape()
    await expect(body).toMatchFileSnapshot('three-networks.txt')
    const written = parseExposition(body).map(({ name }) => name)
    expect(CATALOGUE.map(({ name }) => name).filter((name) => !written.includes(name))).toEqual([])
  })

  it('without names is the golden file, with exactly one line for the gauge', async () => {
    const peers = Array.from({ length: 4242 }, (_, index) => `peer-${index}`)
    const { scrape } = setUpMetrics([fakeNetwork(runningNetwork(peers))])
    const body = await scrape()
    expect(body.split('\n').filter((line) => line.startsWith('lean_gossip_mesh_peers'))).toEqual([
      'lean_gossip_mesh_peers 4242',
    ])
    await expect(body).toMatchFileSnapshot('without-names.txt')
  })

  it('is the same text twice while nothing changes', async () => {
    const { scrape } = setUpMetrics([fakeNetwork(mainnet())], { names: () => NAMES })
    expect(await scrape()).toBe(await scrape())
  })

  it('holds what promtool asks of names, help and types', async () => {
    const { scrape } = setUpMetrics([fakeNetwork(mainnet())], { names: () => NAMES })
    const families = parseExposition(await scrape()).filter(({ name }) => !UNLINTABLE_METRICS.includes(name))
    for (const { name, type, help } of families) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(help).not.toBe('')
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(name).not.toMatch(/_(count|sum|bucket|milliseconds|ms|kilobytes)$/)
    }
  })
})
