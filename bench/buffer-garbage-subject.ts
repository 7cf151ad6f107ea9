/** What a block leaves behind, without libp2p, for `buffer-garbage.ts`: many buffers that are in use for milliseconds, beside a heap that stays. */
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

/** As large as an encrypted frame over TCP; as many as a block of 1 MB makes: read, put together and encrypted for ten neighbours. */
const BUFFER_BYTES = 63 * 1024
const BUFFERS = 400
/** So many are in use at a time: a frame of each neighbour. */
const IN_USE = 10
const BUFFERS_A_TURN = 20
const PAUSE_MS = 100

let scavenges = 0
let wholeHeap = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { kind } = Reflect.get(entry, 'detail') as NodeGCPerformanceDetail
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges++
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) wholeHeap++
  }
}).observe({ entryTypes: ['gc'] })

const heap = Array.from({ length: 60_000 }, (_, at) => ({ at, name: `peer ${at}` }))
const source = Buffer.alloc(BUFFER_BYTES, 1)
const inUse: Buffer[] = []

async function burst(): Promise<void> {
  for (let made = 0; made < BUFFERS; made++) {
    inUse[made % IN_USE] = Buffer.from(source)
    if (made % BUFFERS_A_TURN === 0) await delay(1)
  }
  inUse.length = 0
}

async function measure(bursts: number): Promise<void> {
  const before = { scavenges, wholeHeap, cpu: process.cpuUsage() }
  for (let at = 0; at < bursts; at++) {
    await burst()
    await delay(PAUSE_MS)
  }
  const { user, system } = process.cpuUsage(before.cpu)
  process.send?.({
    cpuMs: (user + system) / 1000 / bursts,
    scavenges: (scavenges - before.scavenges) / bursts,
    wholeHeap: (wholeHeap - before.wholeHeap) / bursts,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    // Used, so that it is kept.
    heapObjects: heap.length,
  })
}

process.on('disconnect', () => process.exit(0))
process.on('message', ({ bursts }: { bursts: number }) => void measure(bursts))
process.send?.({ url: '' })
