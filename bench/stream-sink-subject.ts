/** Reads what it is sent and drops it, for `stream-write.ts`. */
import { SINK_PROTOCOL, startBareNode } from './support/bare-node.ts'
import type { Transport } from './support/sidecar-options.ts'

const [transport = 'quic'] = process.argv.slice(2)
const node = await startBareNode(transport as Transport)
await node.handle(SINK_PROTOCOL, (stream) => stream.addEventListener('message', () => undefined))
process.on('disconnect', () => process.exit(0))
process.send?.({ url: String(node.getMultiaddrs()[0]) })
