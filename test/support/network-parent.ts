/** A process that runs one network and tells the pid of its swarm. It ends by being killed. */
import { childPids } from './child-processes.ts'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { Network } from '../../src/networks/network.ts'
import { swarmProcesses } from '../../src/networks/swarm-process.ts'
import { monotonicMs } from '../../src/lifecycle/clock.ts'
import { silentLog } from './silent-log.ts'
import { swarmOptions } from './swarm-options.ts'

const swarm = swarmOptions()
const settings = { networkId: '0', topics: swarm.topics, backOff: { initialMs: 1000, maxMs: 1000 }, stableMs: 1000 }
const launch = swarmProcesses({ networkId: '0', swarm, silenceSeconds: 15 })
const network = new Network(settings, { launch, names: () => NO_NAMES, now: monotonicMs, log: silentLog })
await network.start()
const timer = setInterval(() => {
  if (network.state().phase !== 'running') return
  clearInterval(timer)
  process.send?.({ swarmPid: childPids()[0] })
}, 20)
