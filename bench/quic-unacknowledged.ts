/**
 * What QUIC's native part keeps of what a neighbour does not acknowledge, gossipsub and the sidecar left out. The least that shows why a swarm
 * whose neighbours stall holds more than its own buffers.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import { memoryOf } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'

const CHUNK = new Uint8Array(64 * 1024)
/** A stream that took nothing for so long is full. QUIC takes the neighbour for gone after 10 s. */
const FULL_AFTER_MS = 1500
const STREAMS = [1, 4]

/** Bytes that left libp2p's own buffer. */
async function fill(stream: Stream): Promise<number> {
  let sent = 0
  for (;;) {
    sent += CHUNK.length
    if (stream.send(CHUNK)) continue
    const isDrained = await Promise.race([stream.onDrain().then(() => true), delay(FULL_AFTER_MS, false)])
    if (!isDrained) return sent - stream.writeBufferLength
  }
}

async function measure(streams: number) {
  await using sink = await startSubject({ entry: 'stream-sink-subject.ts', args: ['quic'] })
  const node = await startBareNode('quic')
  const connection = await node.dial(multiaddr(sink.url))
  const opened = await Promise.all(Array.from({ length: streams }, () => connection.newStream(SINK_PROTOCOL)))
  const before = memoryOf(process.pid).anonymous
  // From now on it acknowledges nothing, as a process that hangs.
  process.kill(sink.pid, 'SIGSTOP')
  try {
    const taken = await Promise.all(opened.map(fill))
    const native = taken.reduce((sum, bytes) => sum + bytes, 0)
    return { streams, nativeMiB: native / 2 ** 20, grownMiB: memoryOf(process.pid).anonymous - before }
  } finally {
    process.kill(sink.pid, 'SIGCONT')
    await node.stop()
  }
}

const results: Awaited<ReturnType<typeof measure>>[] = []
for (const streams of STREAMS) results.push(await measure(streams))
printTable(
  'A neighbour that acknowledges nothing',
  results.map(({ streams, nativeMiB, grownMiB }) => ({
    'streams of its connection': figure(streams),
    'MiB taken by the native part': figure(nativeMiB, 1),
    'MiB more in this process': figure(grownMiB, 1),
  })),
)
writeResults('quic-unacknowledged', { results })
// The native QUIC addon keeps threads.
process.exit(0)
