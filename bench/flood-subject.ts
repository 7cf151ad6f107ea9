/** A sidecar in a process of its own, for `flood.ts`: as it is, or all in one process. */
import { startSidecar } from '../src/sidecar.ts'
import { silentLog } from '../test/support/silent-log.ts'
import { startOneProcessSidecar } from './support/one-process-sidecar.ts'
import { sidecarOptions, type Transport } from './support/sidecar-options.ts'

/** `two`: the metrics plane and the swarm plane in a process each, as `leanmesh run` starts them. */
export type Build = 'two' | 'one'

const [build, transport, ...peers] = process.argv.slice(2)
const options = sidecarOptions(transport as Transport, peers)
const url = build === 'one' ? await startOneProcessSidecar(options) : (await startSidecar(options, silentLog)).url

// A swarm in a child process ends when its parent does.
process.on('disconnect', () => process.exit(0))
process.send?.({ url })
