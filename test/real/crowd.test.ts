/** Enough real peers that D_high matters, all on one IP address, as on a local devnet or with host networking. */
import { expect, test } from 'vitest'
import { type RealPeer, type RealPeerKind, startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, meshOf, type RunningSidecar, startRunningSidecar } from '../support/running-sidecar.ts'

const [BLOCK = ''] = LEAN_TOPICS
const PEERS = 15
const D_LOW = 6
const D_HIGH = 12

test('15 peers on one address make a mesh within D_low and D_high, and both sides name the same set', async () => {
  const kinds = Array.from({ length: PEERS }, (_, index): RealPeerKind => (index % 2 === 0 ? 'rust' : 'go'))
  await using crowd = new AsyncDisposableStack()
  const peers: RealPeer[] = []
  for (const kind of kinds) peers.push(crowd.use(await startRealPeer(kind, { topics: LEAN_TOPICS })))
  await using sidecar = await startRunningSidecar({ dial: peers.flatMap(({ addresses }) => addresses) })

  await sidecar.waitForNetwork(({ connectedPeers }) => connectedPeers.length === PEERS)
  const farSide = (us: string) => peers.filter((peer) => peer.meshOf(BLOCK).includes(us)).map(({ peerId }) => peerId)
  const agreed = await sidecar.waitForNetwork((network) => {
    const ours = meshOf(network, BLOCK)
    const theirs = farSide(network.peerId ?? '').sort()
    return ours.length >= D_LOW && ours.length <= D_HIGH && ours.join() === theirs.join()
  }, 30_000)

  expect(await sidecar.value('leanmesh_connected_peers{network_id="0"}')).toBe(PEERS)
  expect(agreed.meshPeers).toBeLessThanOrEqual(PEERS)
  const { scraped, shown } = await steadyCounts(sidecar)
  expect(scraped).toBe(shown)
})

/** A heartbeat between two requests moves the mesh: a scrape counts when the document is the same before and after it. */
async function steadyCounts(sidecar: RunningSidecar): Promise<{ scraped: number | undefined; shown: number }> {
  for (let tries = 0; tries < 50; tries++) {
    const before = (await sidecar.network()).meshPeers
    const scraped = await sidecar.value('lean_gossip_mesh_peers')
    const after = (await sidecar.network()).meshPeers
    if (before === after) return { scraped, shown: after }
  }
  throw new Error('the mesh never stood still over one scrape')
}
