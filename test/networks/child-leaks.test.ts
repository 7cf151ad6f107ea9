import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createChildNetwork } from '../support/child-network.ts'
import { childPids, isRunning } from '../support/child-processes.ts'

const CYCLES = 20
const PARENT = fileURLToPath(new URL('../support/network-parent.ts', import.meta.url))

it(`${CYCLES} cycles of start and stop, some before the swarm runs, leave no child and no handle`, async () => {
  await using child = createChildNetwork()
  const cycle = async (waitUntilRunning: boolean) => {
    await child.network.start()
    if (waitUntilRunning) await child.until('runs', ({ phase }) => phase === 'running')
    await child.network.stop()
    expect(childPids()).toEqual([])
  }
  // A poll has a timer of its own.
  const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'Timeout')
  const timers = () => process.getActiveResourcesInfo().length - handles().length
  const before = { handles: handles().sort(), timers: timers() }
  for (let index = 0; index < CYCLES; index++) await cycle(index % 3 === 0)
  await expect.poll(() => handles().sort(), { timeout: 1000, interval: 20 }).toEqual(before.handles)
  expect(timers()).toBeLessThanOrEqual(before.timers)
  expect(child.network.state().restarts).toEqual({ exit: 0, killed: 0, hung: 0, memory: 0, start_failed: 0 })
}, 60_000)

it('a swarm ends within 3 s when its parent is gone without a word', async () => {
  const parent = fork(PARENT, [], { execArgv: [] })
  let swarmPid = 0
  try {
    const [message] = (await once(parent, 'message', { signal: AbortSignal.timeout(8000) })) as [{ swarmPid: number }]
    ;({ swarmPid } = message)
    expect(isRunning(swarmPid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isRunning(swarmPid), { timeout: 3000, interval: 20 }).toBe(false)
  } finally {
    parent.kill('SIGKILL')
    if (swarmPid > 0 && isRunning(swarmPid)) process.kill(swarmPid, 'SIGKILL')
  }
})
