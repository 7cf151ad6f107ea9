/** The neighbours of `fan-out.ts`: libp2p nodes in one process, of which some send at a rate and all drop what they get. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import type { Transport } from './support/sidecar-options.ts'

export interface Flood {
  senders: number
  bytes: number
  perSecond: number
  seconds: number
}

const [transport = 'quic', count = '1'] = process.argv.slice(2)
const streams: Stream[] = []
const nodes = await Promise.all(Array.from({ length: Number(count) }, () => startBareNode(transport as Transport)))
for (const [at, node] of nodes.entries()) {
  await node.handle(SINK_PROTOCOL, (stream) => {
    stream.addEventListener('message', () => undefined)
    streams[at] = stream
  })
}

async function flood({ senders, bytes, perSecond, seconds }: Flood): Promise<number> {
  const data = new Uint8Array(bytes)
  const startedAt = performance.now()
  let sent = 0
  while (sent < seconds * perSecond) {
    const due = Math.min(seconds, (performance.now() - startedAt) / 1000) * perSecond
    for (; sent < due; sent++) for (const stream of streams.slice(0, senders)) stream.send(data)
    await delay(1)
  }
  return sent
}

process.on('message', (load: Flood) => void flood(load).then((sent) => process.send?.(sent)))
process.on('disconnect', () => process.exit(0))
process.send?.({ url: nodes.map((node) => String(node.getMultiaddrs()[0])).join(' ') })
