/**
 * What js libp2p's transports alone take of the CPU in the middle of a mesh, gossipsub and all decoding left out: bytes come
 * from three neighbours, and those of the first go to eleven, at the pace of a swarm. Once as js libp2p comes, and once as a swarm mends it: the
 * least that shows what the files `src/swarm/mend-*` for transports are for.
 */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createOutbox } from '../src/swarm/outbox.ts'
import type { Flood } from './fan-out-neighbours-subject.ts'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'
import { type ThreadCosts, threadCosts } from './support/thread-costs.ts'

const NEIGHBOURS = 12
const SENDERS = 3
const BYTES = 3300
const RATES = [100, 500, 1000]
const SECONDS = isQuick ? 5 : 20

interface Cost extends ThreadCosts {
  transport: Transport
  isMended: boolean
  perSecond: number
}

async function measure(transport: Transport, isMended: boolean): Promise<Cost[]> {
  const args = [transport, String(NEIGHBOURS)]
  await using neighbours = await startSubject({ entry: 'fan-out-neighbours-subject.ts', args })
  const node = await startBareNode(transport, isMended)
  try {
    const streams: Stream[] = []
    for (const address of neighbours.url.split(' ')) {
      streams.push(await node.dialProtocol(multiaddr(address), SINK_PROTOCOL))
    }
    const outbox = createOutbox()
    let waiting: Uint8Array[] = []
    const sendAll = () => {
      const data = Buffer.concat(waiting)
      waiting = []
      // What still comes when it is over goes nowhere.
      for (const stream of streams.slice(1)) if (stream.writeStatus === 'writable') stream.send(data)
    }
    for (const [at, stream] of streams.entries()) {
      stream.addEventListener('message', ({ data }) => {
        if (at !== 0) return
        if (waiting.length === 0) outbox.writeLater(sendAll)
        waiting.push(data.subarray())
      })
    }
    const flood = (load: Omit<Flood, 'senders' | 'bytes'>) =>
      neighbours.ask<number>({ senders: SENDERS, bytes: BYTES, ...load })
    const costs: Cost[] = []
    await flood({ perSecond: 500, seconds: 3 })
    for (const perSecond of RATES) {
      const each = await threadCosts(() => flood({ perSecond, seconds: SECONDS }))
      costs.push({ transport, isMended, perSecond, ...each })
    }
    return costs
  } finally {
    await node.stop()
  }
}

const costs: Cost[] = []
for (const isMended of [false, true]) {
  for (const transport of TRANSPORTS) costs.push(...(await measure(transport, isMended)))
}
printTable(
  `Bytes of a message of ${BYTES} from ${SENDERS} neighbours, and on to ${NEIGHBOURS - 1}: CPU us a message`,
  costs.map(({ transport, isMended, perSecond, mainUs, othersUs }) => ({
    transport,
    'js libp2p': isMended ? 'as mended' : 'as it comes',
    'messages/s': figure(perSecond),
    'main thread': figure(mainUs, 0),
    'other threads': figure(othersUs, 0),
    together: figure(mainUs + othersUs, 0),
  })),
)
writeResults('fan-out', { quick: isQuick, costs })
// The native QUIC addon keeps threads.
process.exit(0)
