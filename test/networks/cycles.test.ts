import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { Network } from '../../src/networks/network.ts'
import type { LaunchSwarm, SwarmEnd } from '../../src/networks/swarm-life.ts'
import { reachableHeapBytes } from '../support/collect-garbage.ts'
import { snapshotOf } from '../support/network-states.ts'
import { silentLog } from '../support/silent-log.ts'

const CYCLES = 1000
const SETTINGS = { networkId: '0', topics: [], backOff: { initialMs: 1000, maxMs: 30_000 }, stableMs: 30_000 }
/** Collections of a test run itself come and go; a leak of one kilobyte a cycle would show. */
const HEAP_TOLERANCE_BYTES = 1_000_000

/** A swarm in this process: with a tick and a listener, as a real one. */
function inProcess(source: EventEmitter): LaunchSwarm {
  return (listener) => {
    const ended = Promise.withResolvers<SwarmEnd>()
    const push = () => listener.onSnapshot(snapshotOf())
    const tick = setInterval(push, 1000)
    source.on('membership', push)
    return {
      ended: ended.promise,
      setNames: () => undefined,
      snapshot: async () => snapshotOf(),
      async stop() {
        clearInterval(tick)
        source.off('membership', push)
        ended.resolve({ reason: 'exit', message: 'stopped' })
      },
    }
  }
}

it(`${CYCLES} cycles of start, run, refresh and stop leave no listener, timer, handle or memory`, async () => {
  const source = new EventEmitter()
  const network = new Network(SETTINGS, {
    launch: inProcess(source),
    names: () => NO_NAMES,
    now: () => performance.now(),
    log: silentLog,
  })
  const cycle = async () => {
    await network.start()
    source.emit('membership')
    expect(network.state().phase).toBe('running')
    await network.refresh(new AbortController().signal)
    await network.stop()
    expect(network.state().snapshot).toBeUndefined()
  }
  for (let index = 0; index < 100; index++) await cycle()

  const resources = () => process.getActiveResourcesInfo().sort().join()
  const resourcesBefore = resources()
  const heapBefore = reachableHeapBytes()
  for (let index = 0; index < CYCLES; index++) await cycle()
  expect(reachableHeapBytes() - heapBefore).toBeLessThan(HEAP_TOLERANCE_BYTES)
  expect(resources()).toBe(resourcesBefore)
  expect(source.listenerCount('membership')).toBe(0)
})
