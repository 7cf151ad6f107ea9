import { describe, expect, test } from 'vitest'
import type { HistoryPoint } from '../../src/mesh/history.ts'
import { statusPage } from '../../src/page/status-page.ts'
import { meshDocument, network, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'

/** Three steps. */
const hour: HistoryPoint[] = [1, 2, 3].map((step) => ({
  atMs: step * 20_000,
  meshPeers: step,
  kinds: {
    block: { perSecond: 0.25, arrivalSeconds: 0.3 },
    aggregation: { perSecond: 0 },
    attestation: { perSecond: step, arrivalSeconds: 1 },
  },
}))
const still = { isRefreshing: false, isScraped: true, history: () => [] }

describe('the status page', () => {
  test('is the golden page for one document', async () => {
    const stopped = network({
      networkId: 'devnet-b',
      phase: 'restarting',
      lastError: 'the swarm was killed by SIGKILL',
      meshPeers: 0,
      connectedPeers: [],
      topics: [],
      targets: [],
      listenAddresses: [],
      heads: [],
      restarts: { exit: 0, killed: 2, hung: 0, memory: 0, start_failed: 0 },
      lastMessageAgeSeconds: {},
    })
    const page = await statusPage(
      meshDocument({
        networks: [
          network({
            companion: {
              ...ZEAM,
              phase: 'connected',
              state: 'meshed',
              sinceSeconds: 4000,
              sentence: 'companion zeam_0: in the mesh of 2 of 2 topics',
            },
            foreignForks: { peers: 3, digests: [{ forkDigest: 'devnet0', peers: 3 }] },
          }),
          stopped,
        ],
        neverSeen: ['qlean_2'],
      }),
      { ...still, history: (networkId) => (networkId === '0' ? hour : []) },
    )
    await expect(page).toMatchFileSnapshot('../golden/status-page.html')
  })

  test('refreshes only when asked, and offers the other', async () => {
    const page = await statusPage(meshDocument(), { ...still, isRefreshing: true })
    expect(page).toContain('<meta http-equiv="refresh" content="5" />')
    expect(page).toContain('Stop refreshing')
    expect(await statusPage(meshDocument(), still)).not.toContain('http-equiv')
  })

  test('says that it shows the mesh of the observer', async () => {
    expect(await statusPage(meshDocument(), still)).toContain("It is not the client's own count")
  })

  test('names that are missing are explained', async () => {
    expect(await statusPage(meshDocument({ clientLabels: false }), still)).toContain('--names')
  })

  test('says which refreshers failed at the last scrape, and why', async () => {
    const refreshers = [{ name: 'names', error: 'names.json: it is empty' }]
    const page = await statusPage(meshDocument({ refreshers }), still)
    expect(page).toContain('names: names.json: it is empty')
    expect(page).toContain('not everything could be refreshed')
    expect(await statusPage(meshDocument(), still)).not.toContain('refreshed')
  })

  test('says in words that the clock is off', async () => {
    const clock = { state: 'suspect', offsetSeconds: 12 } as const
    const page = await statusPage(meshDocument({ networks: [network({ clock })] }), still)
    expect(page.replaceAll(/<span hidden.*?<\/span>/g, '')).toContain('clock or the genesis time is off')
    expect(await statusPage(meshDocument(), still)).not.toContain('genesis time is off')
  })

  test('shows a bounded number of rows and how many are left out', async () => {
    const connectedPeers = Array.from({ length: 1000 }, (_, number) => ({ peerId: `peer-${number}`, name: null }))
    const page = await statusPage(meshDocument({ networks: [network({ connectedPeers })] }), still)
    expect(page).toContain('and 803 more')
    expect(page.match(/<code><bdi>peer-/g)).toHaveLength(197)
  })

  test('shows the heads with the farthest behind first, and nothing where none is known', async () => {
    const page = await statusPage(meshDocument(), still)
    expect(page).toContain('Heads (now is slot 1205)')
    const table = page.slice(page.indexOf('Heads ('))
    expect(table.indexOf('ream_1')).toBeLessThan(table.indexOf('zeam_0'))
    const { currentSlot: _, ...timeless } = network()
    expect(await statusPage(meshDocument({ networks: [timeless] }), still)).not.toContain('now is slot')
    expect(await statusPage(meshDocument({ networks: [network({ heads: [] })] }), still)).not.toContain('Heads')
  })

  test('hostile text from peers stays text', async () => {
    const hostile = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>\u202Eevil\u0000\u001B[31m'
    const everywhere = network({
      networkId: hostile,
      lastError: hostile,
      peerId: hostile,
      listenAddresses: [hostile],
      connectedPeers: [{ peerId: hostile, name: hostile, agent: hostile }],
      topics: [{ topic: hostile, subscribers: 1, mesh: [{ peerId: hostile, name: hostile }], ...SUPPLY }],
      targets: [{ ...ZEAM, name: hostile, phase: 'waiting', failures: 1, lastError: hostile }],
      heads: [
        {
          ...ZEAM,
          name: hostile,
          headSlot: 1,
          headRoot: hostile,
          finalizedSlot: 1,
          finalizedRoot: hostile,
          ageSeconds: 1,
        },
      ],
      companion: { peerId: hostile, name: hostile, phase: 'waiting', lastError: hostile, sentence: hostile },
      forkDigest: hostile,
      foreignForks: { peers: 1, digests: [{ forkDigest: hostile, peers: 1 }] },
      restarts: { [hostile]: 1 },
      droppedCommands: { [hostile]: 1 },
    })
    for (const phase of ['running', 'restarting'] as const) {
      const refreshers = [{ name: hostile, error: hostile }]
      const networks = [{ ...everywhere, phase }]
      const page = await statusPage(
        meshDocument({ version: hostile, networks, refreshers, neverSeen: [hostile] }),
        still,
      )
      expect(page.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="live.js">'])
      expect(page).not.toContain('<img')
      for (const character of ['\u202E', '\u0000', '\u001B']) expect(page).not.toContain(character)
      expect(page).toContain('&lt;script&gt;')
    }
  })

  test('an endless error is cut', async () => {
    const page = await statusPage(meshDocument({ networks: [network({ peerId: 'x'.repeat(100_000) })] }), still)
    expect(page.length).toBeLessThan(30_000)
  })
})
