/**
 * What one write to a libp2p stream costs, gossipsub and the sidecar left out: a forwarded message is one for each neighbour.
 * The least that shows how much of the swarm's CPU is the transports'.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'
import { type ThreadCosts, threadCosts } from './support/thread-costs.ts'

/** An IDONTWANT, a message of the flood, and two of them in one write. */
const SIZES = [40, 3300, 6600]
const WRITES_PER_SECOND = 2000
const SECONDS = isQuick ? 3 : 15
const TURN_MS = 5

interface Cost extends ThreadCosts {
  transport: Transport
  bytes: number
}

async function measure(transport: Transport, bytes: number): Promise<Cost> {
  await using sink = await startSubject({ entry: 'stream-sink-subject.ts', args: [transport] })
  const node = await startBareNode(transport)
  try {
    const stream = await node.dialProtocol(multiaddr(sink.url), SINK_PROTOCOL)
    const data = new Uint8Array(bytes)
    const write = async (seconds: number) => {
      const startedAt = performance.now()
      let writes = 0
      while (writes < seconds * WRITES_PER_SECOND) {
        const due = Math.min(seconds, (performance.now() - startedAt) / 1000) * WRITES_PER_SECOND
        for (; writes < due; writes++) if (!stream.send(data)) await stream.onDrain()
        await delay(TURN_MS)
      }
      return writes
    }
    await write(2)
    return { transport, bytes, ...(await threadCosts(() => write(SECONDS))) }
  } finally {
    await node.stop()
  }
}

const costs: Cost[] = []
for (const transport of TRANSPORTS) {
  for (const bytes of SIZES) costs.push(await measure(transport, bytes))
}
printTable(
  `One write to a libp2p stream, ${WRITES_PER_SECOND} a second`,
  costs.map(({ transport, bytes, mainUs, othersUs }) => ({
    transport,
    bytes: figure(bytes),
    'main thread, CPU us': figure(mainUs, 1),
    'other threads, CPU us': figure(othersUs, 1),
  })),
)
writeResults('stream-write', { quick: isQuick, costs })
// The native QUIC addon keeps threads.
process.exit(0)
