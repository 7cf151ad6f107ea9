/** The heads of real peers: from their answers to what a scrape says. */
import { describe, expect, test } from 'vitest'
import { type RealPeer, type RealPeerKind, startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, type RunningSidecar, startRunningSidecar } from '../support/running-sidecar.ts'
import { statusBody } from '../support/status-body.ts'

const LISTEN = { QUIC: '/ip4/127.0.0.1/udp/0/quic-v1', TCP: '/ip4/127.0.0.1/tcp/0' }
const KINDS: readonly RealPeerKind[] = ['rust', 'go']
const CASES = KINDS.flatMap((kind) => (['QUIC', 'TCP'] as const).map((transport) => [kind, transport] as const))
const ZEROS = '00'.repeat(80)
const INTERVAL_MS = 1000

/** A sidecar that dials these peers and names the first ones. */
async function observe(peers: readonly RealPeer[], names: readonly string[], more = {}): Promise<RunningSidecar> {
  const table = new Map(names.map((name, index) => [peers[index]?.peerId ?? '', name]))
  const dial = peers.flatMap(({ addresses }) => addresses)
  return await startRunningSidecar({ dial, names: table, statusIntervalMs: INTERVAL_MS, ...more })
}

const slot = (name: string, client: string) => `leanmesh_peer_${name}_slot{client="${client}",network_id="0"}`
const queries = (result: string) => `leanmesh_status_queries_total{network_id="0",result="${result}"}`

describe.each(CASES)('a %s peer over %s', (kind, transport) => {
  test('tells its head and its finalized slot, is told its own, and its series end when it leaves', async () => {
    const status = statusBody({ headSlot: 1204, finalizedSlot: 1196 })
    await using peer = await startRealPeer(kind, { listen: [LISTEN[transport]], topics: LEAN_TOPICS, status })
    await using sidecar = await observe([peer], ['zeam_0'])
    const text = await sidecar.waitForMetrics((metrics) => metrics.includes(`${slot('head', 'zeam_0')} 1204\n`))
    expect(text).toContain(`${slot('finalized', 'zeam_0')} 1196\n`)
    expect(text).toContain('leanmesh_finalized_roots{network_id="0"} 1\n')
    const { peerId, heads } = await sidecar.network()
    expect(heads).toMatchObject([
      { name: 'zeam_0', peerId: peer.peerId, headSlot: 1204, headRoot: 'c4'.padEnd(64, '0') },
    ])

    const next = statusBody({ headSlot: 1205, finalizedSlot: 1197 })
    peer.setStatus(next)
    await sidecar.waitForMetrics((metrics) => metrics.includes(`${slot('head', 'zeam_0')} 1205\n`))
    await peer.process.waitFor((event) => event.event === 'status-request' && event.hex === next.toString('hex'))
    const requests = peer.statusRequests()
    expect(new Set(requests.map((request) => request.peer))).toEqual(new Set([peerId]))
    expect(requests[0]?.hex).toBe(ZEROS)
    const own = [status, next].map((body) => body.toString('hex'))
    expect(requests.slice(1).every(({ hex }) => own.includes(hex))).toBe(true)

    expect((await sidecar.network()).connectedPeers).toHaveLength(1)
    await peer.stop()
    const after = await sidecar.waitForMetrics((metrics) => !metrics.includes('\nleanmesh_peer_head_slot{'), 3000)
    for (const ended of [
      'leanmesh_peer_finalized_slot{',
      'leanmesh_peer_status_age_seconds{',
      'leanmesh_finalized_roots{',
    ]) {
      expect(after).not.toContain(`\n${ended}`)
    }
  })
})

test.each(KINDS)('a %s peer on a fork makes two finalized roots of one slot', async (kind) => {
  const options = { topics: LEAN_TOPICS }
  await using rust = await startRealPeer('rust', { ...options, status: statusBody() })
  await using go = await startRealPeer('go', { ...options, status: statusBody() })
  await using sidecar = await observe([rust, go], ['ream_0', 'gean_0'])
  await sidecar.waitForNetwork(({ heads }) => heads.length === 2)
  expect(await sidecar.value('leanmesh_finalized_roots{network_id="0"}')).toBe(1)
  const forked = kind === 'rust' ? rust : go
  forked.setStatus(statusBody({ finalizedRoot: 'a0' }))
  await sidecar.waitForMetrics((text) => text.includes('leanmesh_finalized_roots{network_id="0"} 2\n'))
  await forked.kill()
  await sidecar.waitForMetrics((text) => text.includes('leanmesh_finalized_roots{network_id="0"} 1\n'), 8000)
})

test('a peer without a name is not asked, and one without the protocol is counted', async () => {
  const options = { topics: LEAN_TOPICS }
  await using named = await startRealPeer('rust', options)
  await using stranger = await startRealPeer('go', { ...options, status: statusBody() })
  await using sidecar = await observe([named, stranger], ['ream_0'])
  await sidecar.waitForMetrics((text) => text.includes(`${queries('unsupported')} 2\n`))
  expect((await sidecar.network()).connectedPeers).toHaveLength(2)
  expect(stranger.statusRequests()).toEqual([])
  expect((await sidecar.network()).heads).toEqual([])
})

test('with status_interval_slots 0 nobody is asked', async () => {
  const options = { topics: LEAN_TOPICS, status: statusBody() }
  await using rust = await startRealPeer('rust', options)
  await using go = await startRealPeer('go', options)
  await using quiet = await observe([rust, go], ['ream_0', 'gean_0'], { statusIntervalMs: 0 })
  await using asking = await observe([rust, go], ['ream_0', 'gean_0'])
  await quiet.waitForNetwork(({ connectedPeers }) => connectedPeers.length === 2)
  // Time enough for the other one to ask both of them again.
  await expect.poll(async () => await asking.value(queries('answered')), { timeout: 10_000 }).toBeGreaterThan(5)
  const us = (await asking.network()).peerId
  for (const peer of [rust, go]) {
    expect(peer.statusRequests().length).toBeGreaterThan(1)
    expect(peer.statusRequests().map((request) => request.peer)).not.toContain((await quiet.network()).peerId)
    expect(new Set(peer.statusRequests().map((request) => request.peer))).toEqual(new Set([us]))
  }
  expect((await quiet.network()).heads).toEqual([])
})
