/** The parent process: however it ends, nothing is left behind. */
import { describe, expect, test } from 'vitest'
import { isRunning } from '../support/child-processes.ts'
import { fault, report } from './support/fault.ts'
import { type Ended, SidecarProcess, until } from './support/sidecar-process.ts'
import { Stand } from './support/stand.ts'

/** A stop may take 3 s; the rest is the host's. */
const STOPPED_WITHIN_MS = 4000
const GONE_WITHIN_MS = 3000

async function endWithin(sidecar: SidecarProcess, ms: number): Promise<Ended> {
  let ended: Ended | undefined
  void sidecar.ended.then((end) => (ended = end))
  return await until('an end of the sidecar', () => ended, ms)
}

async function untilGone(pids: readonly number[]): Promise<number> {
  const startedAt = performance.now()
  await until('an end of every swarm', () => (pids.some(isRunning) ? undefined : true), GONE_WITHIN_MS)
  return performance.now() - startedAt
}

describe('the parent', () => {
  test('SIGKILL: no swarm outlives it', async () => {
    await using stand = await Stand.start()
    const swarms = stand.sidecar.swarmPids()
    expect(swarms).toHaveLength(1)
    await stand.witness.hear()
    stand.sidecar.signal('SIGKILL')
    expect(await endWithin(stand.sidecar, 1000)).toEqual({ code: null, signal: 'SIGKILL' })
    const ms = await untilGone(swarms)
    report(['parent SIGKILL', 'no swarm outlives it', `${ms.toFixed(0)} ms of ${GONE_WITHIN_MS / 1000} s`])
  })

  test('two SIGTERM: it ends at once with 143, and no swarm outlives it', async () => {
    await using stand = await Stand.start()
    const swarms = stand.sidecar.swarmPids()
    // A swarm that stands still would hold up an orderly stop for 1.5 s.
    for (const pid of swarms) process.kill(pid, 'SIGSTOP')
    stand.sidecar.signal('SIGTERM')
    await until('a stop', async () => ((await isReady(stand.sidecar)) ? undefined : true), 1000)
    const startedAt = performance.now()
    stand.sidecar.signal('SIGTERM')
    expect(await endWithin(stand.sidecar, 1000)).toEqual({ code: 143, signal: null })
    const ms = performance.now() - startedAt
    for (const pid of swarms) process.kill(pid, 'SIGCONT')
    await untilGone(swarms)
    report(['double SIGTERM', 'it ends at once with 143; no swarm outlives it', `${ms.toFixed(0)} ms of 1 s`])
  })

  test('SIGTERM at any moment of its start: it ends within 4 s, and no swarm outlives it', async () => {
    const stops: number[] = []
    for (const afterMs of [0, 150, 300, 450, 600, 800, 1000, 1300]) {
      await using sidecar = await SidecarProcess.spawn({ args: ['--listen', '/ip4/127.0.0.1/udp/0/quic-v1'] })
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      const startedAt = performance.now()
      const swarms = sidecar.swarmPids()
      sidecar.signal('SIGTERM')
      const { code, signal } = await endWithin(sidecar, STOPPED_WITHIN_MS)
      // Before it has its handlers the signal itself ends it; before it serves, 143; then an orderly stop.
      expect([0, 143, 'SIGTERM']).toContain(signal ?? code)
      await untilGone(swarms)
      stops.push(performance.now() - startedAt)
    }
    const worst = Math.max(...stops)
    report([
      'SIGTERM during start',
      'ends within 4 s, no swarm outlives it',
      `${worst.toFixed(0)} ms at most, of 8 moments`,
    ])
  })

  fault({
    name: 'parent SIGSTOP, 20 s',
    expectation: 'the swarm goes on, and is not taken for hung when the parent goes on',
    rightWithinMs: 5000,
    async inflict(stand) {
      const [swarm] = stand.sidecar.swarmPids()
      // Nobody can answer meanwhile.
      await stand.witness.pauseWhile(async () => {
        stand.sidecar.signal('SIGSTOP')
        await new Promise((resolve) => setTimeout(resolve, 20_000))
        stand.sidecar.signal('SIGCONT')
      })
      expect(stand.sidecar.swarmPids()).toEqual([swarm])
    },
  })
})

async function isReady(sidecar: SidecarProcess): Promise<boolean> {
  return await fetch(new URL('readyz', sidecar.url)).then(
    ({ ok }) => ok,
    () => false,
  )
}
