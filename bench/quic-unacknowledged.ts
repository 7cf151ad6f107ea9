/**
 * What QUIC's native part keeps of what a neighbour does not acknowledge, gossipsub and the sidecar left out. The least that shows why a swarm
 * whose neighbours stall holds more than its own buffers.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import { exitOnSignals } from './support/exit-on-signals.ts'
import { writeResults } from './support/results.ts'
import { sum } from './support/statistics.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'

exitOnSignals()

const CHUNK = new Uint8Array(64 * 1024)
/** QUIC takes the neighbour for gone after 10 s. */
const SECONDS = 4
const STREAMS = [1, 4]

/** @returns the bytes that the native part took, one write after the other; that it took one, js libp2p tells with `drain` */
async function fill(stream: Stream): Promise<number> {
  let taken = 0
  stream.addEventListener('drain', () => {
    taken += CHUNK.length
    // Not in its own event: it is told before it takes the next.
    setImmediate(() => stream.writeStatus === 'writable' && stream.send(CHUNK))
  })
  stream.send(CHUNK)
  await delay(SECONDS * 1000)
  return taken
}

async function measure(streams: number) {
  await using sink = await startSubject({ entry: 'stream-sink-subject.ts', args: ['quic'] })
  const node = await startBareNode('quic')
  const connection = await node.dial(multiaddr(sink.url))
  const opened = await Promise.all(Array.from({ length: streams }, () => connection.newStream(SINK_PROTOCOL)))
  // From now on it acknowledges nothing, as a process that hangs.
  process.kill(sink.pid, 'SIGSTOP')
  const goOn = () => void process.kill(sink.pid, 'SIGCONT')
  process.once('exit', goOn)
  try {
    return { streams, nativeMiB: sum(await Promise.all(opened.map(fill))) / 2 ** 20 }
  } finally {
    goOn()
    process.off('exit', goOn)
    await node.stop()
  }
}

const results: Awaited<ReturnType<typeof measure>>[] = []
for (const streams of STREAMS) results.push(await measure(streams))
printTable(
  'A neighbour that acknowledges nothing',
  results.map(({ streams, nativeMiB }) => ({
    'streams of its connection': figure(streams),
    'MiB taken by the native part': figure(nativeMiB, 1),
  })),
)
writeResults('quic-unacknowledged', { results })
// The native QUIC addon keeps threads.
process.exit(0)
