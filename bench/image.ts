/**
 * What the container's control group holds with one network: at rest, under the V8 limits of the image and under Node's own, and with twelve
 * neighbours at the most that they send. Needs root.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cgroupMemory } from '../test/support/cgroup-memory.ts'
import { freePort } from '../test/support/free-port.ts'
import { startRealPeer } from '../test/support/real-peer.ts'
import { buildImage } from '../tools/image/build-image.ts'
import { type ContainerStorage, createContainerStorage } from '../tools/image/container-storage.ts'
import { runProgram } from '../tools/image/run-program.ts'
import { isQuick } from './support/flags.ts'
import { BLOCK, type Load, startNeighbourhood } from './support/neighbourhood.ts'
import { childrenOf, memoryOf } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { createScraper, type Scraper, scrapeSteadily, seriesValue } from './support/scraper.ts'
import { LISTEN, TOPICS, type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { sum } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const IMAGE = 'localhost/leanmesh'
const SCRAPES = isQuick ? [60] : [60, 300]
const SCRAPE_INTERVAL_MS = 1000
const START_DEADLINE_MS = 20_000
const POLL_MS = 100
const LIMIT = '256m'
const RESTARTS = 'leanmesh_swarm_restarts_total'
const [TOPIC = ''] = TOPICS
const LOAD_SECONDS = isQuick ? 20 : 60
const flood = (perSecond: number) => {
  return { name: `${perSecond}/s`, load: { bytes: 3200, perSecond, seconds: LOAD_SECONDS } }
}
const blocks = (after: string) => ({ name: `${BLOCK.name}, after ${after}`, load: { ...BLOCK, seconds: LOAD_SECONDS } })
/** One after the other: what a network has, and the most that the footprint is judged by. */
const LOADS: readonly { name: string; load: Load }[] = [flood(100), blocks('100/s'), flood(1000), blocks('1000/s')]

interface Form {
  label: string
  options: readonly string[]
}

const FORMS: readonly Form[] = [
  { label: `as built, limit ${LIMIT}`, options: [`--memory=${LIMIT}`] },
  { label: `without NODE_OPTIONS, limit ${LIMIT}`, options: [`--memory=${LIMIT}`, '--env=NODE_OPTIONS='] },
  { label: 'as built, no limit', options: [] },
  { label: 'without NODE_OPTIONS, no limit', options: ['--env=NODE_OPTIONS='] },
]

/** So that the container reads them itself, and its control group is charged for them, as where the image is new. */
async function forgetPages(root: string): Promise<void> {
  const files = globSync(['usr/local/bin/node', '{lib,usr/lib}/**/*.so*', 'app/**/*.node'], { cwd: root })
  for (const file of files)
    await runProgram('dd', [`if=${join(root, file)}`, 'iflag=nocache', 'count=0', 'status=none'])
}

async function untilServing(scraper: Scraper): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    // Until it listens, connections are refused.
    const isServing = await scraper.scrape().then(
      () => true,
      () => false,
    )
    if (isServing) return
    if (performance.now() > deadline) throw new Error(`it did not serve within ${START_DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
}

interface Container extends AsyncDisposable {
  pid: number
  scraper: Scraper
}

async function startContainer(storage: ContainerStorage, options: readonly string[], args: readonly string[]) {
  const port = await freePort()
  const flags = [...options, '--network=host', '--read-only', '--cap-drop=all']
  const id = await storage.podman('run', '--detach', ...flags, IMAGE, 'run', `--http-port=${port}`, ...args)
  const scraper = createScraper(`http://127.0.0.1:${port}/`)
  const remove = async () => {
    scraper[Symbol.dispose]()
    await storage.podman('rm', '--force', '--time=0', id)
  }
  try {
    const pid = Number(await storage.podman('inspect', '--format={{.State.Pid}}', id))
    await untilServing(scraper)
    return { pid, scraper, [Symbol.asyncDispose]: remove } satisfies Container
  } catch (error) {
    await remove()
    throw error
  }
}

async function figuresOf({ pid, scraper }: Container) {
  const { used, peak } = await cgroupMemory(pid)
  const planes = [pid, ...childrenOf(pid)].map(memoryOf)
  const { body } = await scraper.scrape()
  const restarts = body.split('\n').filter((line) => line.startsWith(`${RESTARTS}{`))
  return {
    used,
    peak,
    planes,
    // Without one there is no line of it, but what it is.
    restarts: body.includes(`# TYPE ${RESTARTS} `) ? sum(restarts.map((line) => Number(line.split(' ').at(-1)))) : NaN,
    mesh: seriesValue(body, 'lean_gossip_mesh_peers'),
  }
}

async function* measure({ label, options }: Form, storage: ContainerStorage, root: string) {
  await using peer = await startRealPeer('rust', { topics: [TOPIC] })
  await forgetPages(root)
  await using container = await startContainer(storage, options, [`--peers=${peer.addresses[0]}`])
  for (let scrapes = 1; scrapes <= Math.max(...SCRAPES); scrapes++) {
    await delay(SCRAPE_INTERVAL_MS)
    if (SCRAPES.includes(scrapes)) yield { label, after: `${scrapes} scrapes`, ...(await figuresOf(container)) }
    else await container.scraper.scrape()
  }
}

/** One load after the other on one container, under the limit of `deploy/`, with a scrape each second. */
async function* measureLoads(transport: Transport, storage: ContainerStorage, root: string) {
  await using hood = await startNeighbourhood(transport, TOPIC)
  await forgetPages(root)
  const args = [`--listen=${LISTEN[transport]}`, '--topics=block', ...hood.addresses.map((peer) => `--peers=${peer}`)]
  await using container = await startContainer(storage, [`--memory=${LIMIT}`], args)
  await hood.meshed()
  for (const { name, load } of LOADS) {
    const stopped = new AbortController()
    const scraping = scrapeSteadily(container.scraper, { intervalMs: SCRAPE_INTERVAL_MS, signal: stopped.signal })
    const { lost } = await hood.flood(load)
    stopped.abort()
    const { failures } = await scraping
    yield {
      label: `limit ${LIMIT}, ${transport}`,
      after: name,
      lost,
      failures,
      ...(await figuresOf(container)),
    }
  }
}

type Yielded<T> = T extends AsyncGenerator<infer One> ? One : never
type Figure = Yielded<ReturnType<typeof measure>>
type LoadFigure = Yielded<ReturnType<typeof measureLoads>>

function row({ label, after, used, peak, planes, mesh }: Figure) {
  return {
    container: label,
    after,
    'control group MiB': figure(used / 2 ** 20),
    'its peak MiB': figure(peak / 2 ** 20),
    'PSS MiB': planes.map(({ pss }) => figure(pss)).join(' + '),
    'anonymous MiB': planes.map(({ anonymous }) => figure(anonymous)).join(' + '),
    'mesh peers': figure(mesh),
  }
}

const judged = (value: number) => `${figure(value)} ${verdict(value, 0)}`

function loadRow(figures: LoadFigure) {
  const { lost, failures, restarts } = figures
  return {
    ...row(figures),
    lost: judged(lost),
    'failed scrapes': judged(failures),
    'swarms started again': judged(restarts),
  }
}

await using storage = await createContainerStorage()
await buildImage(storage.buildah, IMAGE)
const root = await storage.podman('image', 'mount', IMAGE)
const figures: Figure[] = []
const loads: LoadFigure[] = []
// Each time: a container that is killed ends the bench, and what was measured before stays.
const write = () => writeResults('image', { quick: isQuick, figures, loads })
for (const form of FORMS) {
  for await (const one of measure(form, storage, root)) {
    figures.push(one)
    write()
  }
}
printTable('one network with one peer, a scrape each second; metrics plane + swarm plane', figures.map(row))
for (const transport of TRANSPORTS) {
  for await (const one of measureLoads(transport, storage, root)) {
    loads.push(one)
    write()
  }
}
printTable('the same with 12 neighbours, one load after the other on each container', loads.map(loadRow))
