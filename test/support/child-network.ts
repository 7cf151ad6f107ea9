import { expect } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import type { SwarmOptions } from '../../src/channel/messages.ts'
import { monotonicMs } from '../../src/lifecycle/clock.ts'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import { Network } from '../../src/networks/network.ts'
import { swarmProcesses } from '../../src/networks/swarm-process.ts'
import { childPids } from './child-processes.ts'
import { silentLog } from './silent-log.ts'
import { swarmOptions } from './swarm-options.ts'

const FIRST_RETRY_MS = 200

export interface ChildNetwork extends AsyncDisposable {
  network: Network
  /** The process of its swarm. */
  pid(): number
  until(what: string, predicate: (state: NetworkState) => boolean, timeoutMs?: number): Promise<NetworkState>
}

/** A network whose swarm is a child of this process; not started. One at a time, so that its child is the only one. */
export function createChildNetwork(
  swarm: Partial<SwarmOptions> = {},
  silenceSeconds = 15,
  memoryLimitMib = 512,
): ChildNetwork {
  const options = swarmOptions(swarm)
  const settings = {
    networkId: '0',
    topics: options.topics,
    backOff: { initialMs: FIRST_RETRY_MS, maxMs: 1000 },
    stableMs: 30_000,
  }
  const launch = swarmProcesses({ networkId: '0', swarm: options, silenceSeconds, memoryLimitMib })
  const network = new Network(settings, { launch, names: () => NO_NAMES, now: monotonicMs, log: silentLog })
  return {
    network,
    pid() {
      const [pid, ...others] = childPids()
      if (pid === undefined || others.length > 0) throw new Error('there is no child, or more than one')
      return pid
    },
    async until(what, predicate, timeoutMs = 15_000) {
      await expect
        .poll(() => predicate(network.state()), { timeout: timeoutMs, interval: 20, message: what })
        .toBe(true)
      return network.state()
    },
    [Symbol.asyncDispose]: () => network.stop(),
  }
}
