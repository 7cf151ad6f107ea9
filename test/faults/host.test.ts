/** The host: its clock, its disk, its file descriptors. */
import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { fault } from './support/fault.ts'
import { holdingsOf } from './support/holdings.ts'
import { until } from './support/sidecar-process.ts'
import type { Stand } from './support/stand.ts'

const run = promisify(execFile)
const HOUR_MS = 3_600_000
const OBSERVED_MS = 4000
/** A mount namespace in which nothing can be written. */
const READ_ONLY = ['unshare', '--mount', 'sh', '-c', 'mount -o remount,bind,ro / && exec "$@"', 'sh']

/** A peer that leaves the mesh and comes back while the clock is off. */
async function stepAndChurn(stand: Stand, offMs: number): Promise<void> {
  await stand.stepClock(offMs)
  await delay(OBSERVED_MS)
  const now = await stand.scrape()
  expect(now.sum('lean_gossip_mesh_peers')).toBe(stand.members.length)
  expect(now.value('leanmesh_snapshot_age_seconds')).toBeLessThan(1)
  const some = stand.members.slice(0, 2)
  await stand.kill(some)
  await until(
    'their leave',
    async () => ((await stand.scrape()).sum('lean_gossip_mesh_peers') === 2 ? true : undefined),
    7000,
  )
  await stand.comeBack(some)
}

describe('the host', () => {
  fault({
    name: 'wall clock one hour forth',
    expectation: 'nobody leaves the mesh, ages stay true; peers that go are noticed, and are back in the mesh',
    rightWithinMs: 15_000,
    inflict: (stand) => stepAndChurn(stand, HOUR_MS),
  })

  fault({
    name: 'wall clock one hour back',
    expectation: 'nobody leaves the mesh, ages stay true; peers that go are noticed, and are back in the mesh',
    rightWithinMs: 15_000,
    inflict: (stand) => stepAndChurn(stand, -HOUR_MS),
  })

  fault({
    name: 'disk full',
    expectation: 'what it logs is lost, and nothing else: a swarm that ends meanwhile is started again',
    rightWithinMs: 15_000,
    stand: { outputFile: '/dev/full', args: ['--log-level', 'debug'] },
    async inflict(stand) {
      process.kill(await stand.sidecar.swarmPid(), 'SIGKILL')
      await until(
        'a restart',
        async () => (await stand.scrape()).sum('leanmesh_swarm_restarts_total') || undefined,
        2000,
      )
    },
  })

  fault({
    name: 'file system read-only',
    expectation: 'it writes nothing, and starts, restarts a swarm and serves as ever',
    rightWithinMs: 15_000,
    stand: { wrapper: READ_ONLY, env: { NODE_COMPILE_CACHE: '' } },
    async inflict(stand) {
      await expect(
        run('nsenter', [`--mount=/proc/${stand.sidecar.pid}/ns/mnt`, 'touch', `${stand.folder}/x`]),
      ).rejects.toThrow('Read-only')
      process.kill(await stand.sidecar.swarmPid(), 'SIGKILL')
      await until(
        'a restart',
        async () => (await stand.scrape()).sum('leanmesh_swarm_restarts_total') || undefined,
        2000,
      )
    },
  })

  fault({
    name: 'file descriptors exhausted, both processes',
    expectation: 'who has a connection is answered; no swarm can be started, which is tried on; then all is as before',
    rightWithinMs: 30_000,
    async inflict(stand) {
      const swarm = await stand.sidecar.swarmPid()
      const { pid } = stand.sidecar
      await run('prlimit', ['--pid', String(swarm), `--nofile=${holdingsOf(swarm).handles}:`])
      await run('prlimit', ['--pid', String(pid), `--nofile=${holdingsOf(pid).handles}:`])
      process.kill(swarm, 'SIGKILL')
      await stand.sidecar.untilLogged('start_failed', 5000)
      await delay(OBSERVED_MS)
      await run('prlimit', ['--pid', String(pid), '--nofile=4096:'])
    },
  })
})
