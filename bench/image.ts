/** What the container's control group holds with one network, under the V8 limits of the image and under Node's own. Needs root. */
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
import { childrenOf, memoryOf } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { createScraper, type Scraper, seriesValue } from './support/scraper.ts'
import { TOPICS } from './support/sidecar-options.ts'
import { figure, printTable } from './support/table.ts'

const IMAGE = 'localhost/leanmesh'
const SCRAPES = isQuick ? [60] : [60, 300]
const SCRAPE_INTERVAL_MS = 1000
const START_DEADLINE_MS = 20_000
const POLL_MS = 100
const LIMIT = '256m'

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

async function measure({ label, options }: Form, storage: ContainerStorage, root: string) {
  await using peer = await startRealPeer('rust', { topics: [TOPICS[0] ?? ''] })
  await forgetPages(root)
  const port = await freePort()
  const flags = [...options, '--network=host', '--read-only', '--cap-drop=all']
  const id = await storage.podman(
    'run',
    '--detach',
    ...flags,
    IMAGE,
    'run',
    `--http-port=${port}`,
    `--peers=${peer.addresses[0]}`,
  )
  try {
    const pid = Number(await storage.podman('inspect', '--format={{.State.Pid}}', id))
    using scraper = createScraper(`http://127.0.0.1:${port}/`)
    const figures = []
    await untilServing(scraper)
    for (let scrapes = 1; scrapes <= Math.max(...SCRAPES); scrapes++) {
      await delay(SCRAPE_INTERVAL_MS)
      const { body } = await scraper.scrape()
      if (!SCRAPES.includes(scrapes)) continue
      const { used, peak } = await cgroupMemory(pid)
      const planes = [pid, ...childrenOf(pid)].map(memoryOf)
      figures.push({ label, scrapes, used, peak, planes, mesh: seriesValue(body, 'lean_gossip_mesh_peers') })
    }
    return figures
  } finally {
    await storage.podman('rm', '--force', '--time=0', id)
  }
}

type Figure = Awaited<ReturnType<typeof measure>>[number]

function row({ label, scrapes, used, peak, planes, mesh }: Figure) {
  return {
    container: label,
    scrapes: figure(scrapes),
    'control group MiB': figure(used / 2 ** 20),
    'its peak MiB': figure(peak / 2 ** 20),
    'PSS MiB': planes.map(({ pss }) => figure(pss)).join(' + '),
    'anonymous MiB': planes.map(({ anonymous }) => figure(anonymous)).join(' + '),
    'mesh peers': figure(mesh),
  }
}

await using storage = await createContainerStorage()
await buildImage(storage.buildah, IMAGE)
const root = await storage.podman('image', 'mount', IMAGE)
const figures: Figure[] = []
for (const form of FORMS) figures.push(...(await measure(form, storage, root)))
printTable('one network with one peer, a scrape each second; metrics plane + swarm plane', figures.map(row))
writeResults('image', { quick: isQuick, figures })
