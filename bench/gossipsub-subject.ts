/** A sidecar in a process of its own, for `gossipsub.ts`: with gossipsub's own metrics, or without. */
import { startSidecar } from '../src/sidecar.ts'
import { silentLog } from '../test/support/silent-log.ts'
import { sidecarOptions } from './support/sidecar-options.ts'

const [gossipsubMetrics, ...peers] = process.argv.slice(2)
const options = sidecarOptions('quic', peers)
const networks = options.networks.map(({ swarm, ...network }) => ({
  ...network,
  swarm: { ...swarm, gossipsubMetrics: gossipsubMetrics === 'on' },
}))
const { url } = await startSidecar({ ...options, networks }, silentLog)

// A swarm in a child process ends when its parent does.
process.on('disconnect', () => process.exit(0))
process.send?.({ url })
