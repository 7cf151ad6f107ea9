/** The node in the middle of `fan-out.ts`, in a process of its own: bytes of the first neighbour go on to all others, at the pace of a swarm. */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createOutbox } from '../src/swarm/outbox.ts'
import type { Flood } from './fan-out-neighbours-subject.ts'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import type { Transport } from './support/sidecar-options.ts'
import { startSubject } from './support/subject.ts'
import { threadCosts } from './support/thread-costs.ts'

const [transport = 'quic', isMended = 'false', neighbourCount = '1'] = process.argv.slice(2)
const neighbours = await startSubject({ entry: 'fan-out-neighbours-subject.ts', args: [transport, neighbourCount] })
const node = await startBareNode(transport as Transport, isMended === 'true')
const streams: Stream[] = []
for (const address of neighbours.url.split(' ')) {
  streams.push(await node.dialProtocol(multiaddr(address), SINK_PROTOCOL))
}
const outbox = createOutbox()
let waiting: Uint8Array[] = []

function sendAll(): void {
  const data = Buffer.concat(waiting)
  waiting = []
  // What still comes when it is over goes nowhere.
  for (const stream of streams.slice(1)) if (stream.writeStatus === 'writable') stream.send(data)
}

streams[0]?.addEventListener('message', ({ data }) => {
  if (waiting.length === 0) outbox.writeLater(sendAll)
  waiting.push(data.subarray())
})
for (const stream of streams.slice(1)) stream.addEventListener('message', () => undefined)

process.on('message', (load: Flood) => {
  void threadCosts(() => neighbours.ask<number>(load)).then((costs) => process.send?.(costs))
})
// The neighbours end with this process.
process.on('disconnect', () => process.exit(0))
process.send?.({ url: '' })
