import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import type { CompanionsDocument, MeshDocument } from '../../src/verdict/mesh-document.ts'
import type { Logger } from '../../src/log.ts'
import { type Sidecar, type SidecarOptions, startSidecar } from '../../src/sidecar.ts'
import { rawConnection } from '../http/admin-fixture.ts'
import { childPids } from '../support/child-processes.ts'
import '../support/compile-cache.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'
import { scrape, type Scrape } from '../support/scrape.ts'
import { silentLog } from '../support/silent-log.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { swarmPid } from '../support/swarm-pid.ts'
import { startTestSwarm } from '../support/test-swarm.ts'

const STOP_WITHIN_MS = 3000
let sidecar: Sidecar | undefined

async function start(options: Partial<SidecarOptions>, log: Logger = silentLog): Promise<Sidecar> {
  const networks = [{ networkId: '0', swarm: swarmOptions({ topics: [BLOCK, AGGREGATION] }) }]
  const http = { host: '127.0.0.1', port: 0, maxConnections: 64 }
  const rest = {
    devnet: 0,
    isScraped: true,
    resource: {},
    snapshotDeadlineMs: 250,
    log: { level: 'silent', format: 'json' },
  } as const
  sidecar = await startSidecar({ networks, http, ...rest, ...options }, log)
  return sidecar
}

afterEach(async () => {
  await sidecar?.stop()
  expect(childPids()).toEqual([])
})

async function until(url: string, check: (now: Scrape) => void, timeout: number): Promise<void> {
  await vi.waitFor(async () => check(await scrape(url)), { timeout, interval: 25 })
}

const running = { network_id: '0' }

it('a sidecar with a devnet shows its peers by name within 5 s, survives its swarm, and leaves no process', async () => {
  const startedAt = performance.now()
  const { url, stop } = await start({ devnet: 3 })
  const peers = { zeam_0: 1, ream_0: 1, ethlambda_0: 1, unknown: 0 }
  const allMeshed = (now: Scrape) => expect(now.by('lean_gossip_mesh_peers', 'client')).toEqual(peers)
  await until(url, allMeshed, 5000 - (performance.now() - startedAt))

  const document = (await (await fetch(new URL('v1/mesh', url))).json()) as MeshDocument
  const [network] = document.networks
  const now = await scrape(url)
  expect(network).toMatchObject({ phase: 'running', meshPeers: 3 })
  expect(now.value('leanmesh_connected_peers', running)).toBe(network?.connectedPeers.length)
  const memberships = network?.topics.map(({ topic, mesh }) => [topic, mesh.length])
  expect(now.by('leanmesh_mesh_memberships', 'topic')).toEqual(Object.fromEntries(memberships ?? []))
  expect(network?.topics[0]?.mesh.map(({ name }) => name).sort()).toEqual(['ethlambda_0', 'ream_0', 'zeam_0'])

  // The devnet publishes: what it published before must not be uncounted by a restart.
  const accepted = { ...running, topic_kind: 'block', result: 'accepted' }
  await until(url, (now) => expect(now.value('leanmesh_gossip_messages_total', accepted)).toBeGreaterThan(0), 6000)
  const before = (await scrape(url)).counters()
  process.kill(await swarmPid(), 'SIGKILL')
  await until(url, (now) => expect(now.value('lean_gossip_mesh_running', running)).toBe(0), 900)
  expect((await scrape(url)).by('lean_gossip_mesh_peers', 'client')).toEqual({
    ...peers,
    zeam_0: 0,
    ream_0: 0,
    ethlambda_0: 0,
  })
  await until(url, (now) => expect(now.value('lean_gossip_mesh_running', running)).toBe(1), 6000)
  await until(url, allMeshed, 10_000)
  const after = (await scrape(url)).counters()
  for (const [series, value] of before) expect(after.get(series), series).toBeGreaterThanOrEqual(value)
  expect((await scrape(url)).value('leanmesh_swarm_restarts_total', { ...running, reason: 'killed' })).toBe(1)

  const stoppedAt = performance.now()
  await stop()
  expect(performance.now() - stoppedAt).toBeLessThan(STOP_WITHIN_MS)
  expect(childPids()).toEqual([])
  await expect(fetch(url)).rejects.toThrow()
})

it('two networks of one sidecar are counted together, and one goes on when the other fails', async () => {
  await using first = await startTestSwarm()
  await using second = await startTestSwarm()
  const { url } = await start({
    networks: [
      { networkId: 'alpha', swarm: swarmOptions({ peers: [first.target('quic')] }) },
      { networkId: 'beta', swarm: swarmOptions({ peers: [second.target('tcp')] }) },
    ],
  })
  await until(url, (now) => expect(now.value('lean_gossip_mesh_peers')).toBe(2), 8000)
  const now = await scrape(url)
  expect(now.by('lean_gossip_mesh_running', 'network_id')).toEqual({ alpha: 1, beta: 1 })
  expect(now.by('leanmesh_connected_peers', 'network_id')).toEqual({ alpha: 1, beta: 1 })

  await second.swarm.stop()
  await until(url, (now) => expect(now.value('lean_gossip_mesh_peers')).toBe(1), 2000)
  process.kill(childPids()[0] ?? 0, 'SIGKILL')
  const statesOf = (now: Scrape) =>
    Object.values(now.by('lean_gossip_mesh_running', 'network_id')).sort((a, b) => a - b)
  await until(url, (now) => expect(statesOf(now)).toEqual([0, 1]), 900)
  await until(url, (now) => expect(statesOf(now)).toEqual([1, 1]), 6000)
  await until(url, (now) => expect(now.value('lean_gossip_mesh_peers')).toBe(1), 10_000)
})

it('a stop takes less than 3 s when every child stands still and a client hangs, and answers who has asked already', async () => {
  const { url, stop } = await start({ devnet: 2 })
  await until(url, (now) => expect(now.value('lean_gossip_mesh_running', running)).toBe(1), 8000)
  const port = Number(new URL(url).port)
  const [hanging, late] = [await rawConnection(port), await rawConnection(port)]
  hanging.socket.write('GET /met')
  late.socket.write('GET /metrics HTTP/1.1\r\n')
  expect(childPids()).toHaveLength(2)
  for (const pid of childPids()) process.kill(pid, 'SIGSTOP')

  const stoppedAt = performance.now()
  const stopped = stop()
  late.socket.write('Host: x\r\n\r\n')
  await stopped
  expect(performance.now() - stoppedAt).toBeLessThan(STOP_WITHIN_MS)
  expect(childPids()).toEqual([])
  await hanging.text
  expect(await late.text).toMatch(/^HTTP\/1\.1 200 [^]*lean_gossip_mesh_running\{network_id="0"\} 0/)
})

it('a companion that cannot be reached is named with the reason, and the metrics are there all the same', async () => {
  const companion = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
  const swarm = swarmOptions({ companion, peers: [{ peerId: companion, addresses: ['/ip4/127.0.0.1/tcp/1'] }] })
  const names = { table: new Map([[companion, 'zeam_0']]) }
  const { url } = await start({ networks: [{ networkId: '0', swarm }], names })
  const document = async () => (await (await fetch(new URL('v1/mesh', url))).json()) as MeshDocument
  const failed = { peerId: companion, name: 'zeam_0', lastError: expect.stringMatching(/refused/i) as string }
  await vi.waitFor(async () => expect((await document()).networks[0]?.companion).toMatchObject(failed), 8000)
  expect(await (await fetch(url)).text()).toMatch(/companion zeam_0: not connected: .*refused/i)
  const { networks } = (await (await fetch(new URL('v1/companion', url))).json()) as CompanionsDocument
  expect(networks).toMatchObject([{ networkId: '0', ...failed, state: 'unreachable' }])
  const metrics = await (await fetch(new URL('metrics', url))).text()
  expect(metrics).toContain('leanmesh_companion_state{network_id="0",state="unreachable"} 1\n')
  expect((await scrape(url)).by('lean_gossip_mesh_peers', 'client')).toEqual({ zeam_0: 0, unknown: 0 })
})

it('a names file that went wrong is told once in the log and shown until it is right again', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'leanmesh-e2e-')), 'names.json')
  onTestFinished(() => rm(dirname(file), { recursive: true }))
  const lines: string[] = []
  const log = {
    ...silentLog,
    warn: (_: object, message: string) => void lines.push(`warn ${message}`),
    info: (fields: object, message: string) => void ('refresher' in fields && lines.push(`info ${message}`)),
  }
  const { url } = await start({ names: { table: new Map(), file } }, log)
  await until(url, (now) => expect(now.value('lean_gossip_mesh_running', running)).toBe(1), 8000)
  await scrape(url)
  expect(lines).toEqual([expect.stringMatching(/^warn a refresher failed.*there is no such file$/)])
  const document = (await (await fetch(new URL('v1/mesh', url))).json()) as MeshDocument
  expect(document.refreshers).toEqual([{ name: 'names', error: expect.stringContaining('no such file') as string }])
  expect(await (await fetch(url)).text()).toContain('not everything could be refreshed')
  await writeFile(file, '{}')
  await scrape(url)
  await scrape(url)
  expect(lines.slice(1)).toEqual(['info a refresher is up to date again'])
})

it('more networks than fit are refused with the limit, and nothing is left running', async () => {
  const networks = ['a', 'b', 'c', 'd'].map((networkId) => ({ networkId, swarm: swarmOptions() }))
  await expect(start({ networks })).rejects.toThrow(/at most 3 networks/)
  expect(childPids()).toEqual([])
})
