/** The child process: it is killed, hangs, runs out of memory, cannot start. */
import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { fault } from './support/fault.ts'
import { until } from './support/sidecar-process.ts'
import { BLOCK } from './support/member.ts'
import type { Stand } from './support/stand.ts'

const run = promisify(execFile)
/** 15 checks of a second, and the moment of the last one. */
const HUNG_WITHIN_MS = 18_000

const OWN_PORT = await freePort()

async function takePort(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  return await once(socket, 'listening').then(
    () => socket,
    () => undefined,
  )
}

async function untilRestarted(stand: Stand, reason: string, timeoutMs: number): Promise<void> {
  const labels = { network_id: '0', reason }
  const look = async () => (await stand.scrape()).value('leanmesh_swarm_restarts_total', labels) || undefined
  expect(await until(`a restart for ${reason}`, look, timeoutMs)).toBe(1)
}

describe('the swarm', () => {
  fault({
    name: 'child SIGKILL',
    expectation: 'the gauge reads 0 at once and says that nothing runs; it is started again after 1 s',
    rightWithinMs: 15_000,
    async inflict(stand) {
      process.kill(await stand.sidecar.swarmPid(), 'SIGKILL')
      await untilRestarted(stand, 'killed', 2000)
      const now = await stand.scrape()
      expect(now.value('lean_gossip_mesh_running')).toBe(0)
      expect(now.sum('lean_gossip_mesh_peers')).toBe(0)
    },
  })

  fault({
    name: 'child SIGSTOP',
    expectation: 'the old snapshot is shown with its age and a failed refresher; after 15 s it is ended as hung',
    rightWithinMs: 15_000,
    async inflict(stand) {
      process.kill(await stand.sidecar.swarmPid(), 'SIGSTOP')
      const isOld = async () => {
        const now = await stand.scrape()
        return (now.value('leanmesh_snapshot_age_seconds') ?? 0) > 2 ? now : undefined
      }
      const old = await until('an old snapshot', isOld, 5000)
      expect(old.value('leanmesh_refresher_success', { refresher: 'network:0' })).toBe(0)
      await untilRestarted(stand, 'hung', HUNG_WITHIN_MS)
    },
  })

  fault({
    name: 'child out of memory',
    expectation: 'V8 ends it when it gets no more, and it is started again',
    rightWithinMs: 15_000,
    // The next one takes the rest of the flood, 20 MB at most, and keeps the room for it.
    spareMemoryMiB: 64,
    async inflict(stand) {
      const pid = await stand.sidecar.swarmPid()
      // Less than it has: from now on the system gives it nothing more.
      await run('prlimit', ['--pid', String(pid), '--data=1048576'])
      const [rust] = stand.members
      const flood = rust?.peer.flood({ topic: BLOCK, bytes: 200_000, perSecond: 50, seconds: 2 })
      await untilRestarted(stand, 'killed', 20_000)
      await flood
    },
  })

  fault({
    name: 'child exits at start',
    expectation:
      'its port is taken: it is tried again less and less often, the log says why, and it runs once the port is free',
    rightWithinMs: 25_000,
    stand: { args: ['--listen', `/ip4/127.0.0.1/udp/${OWN_PORT}/quic-v1`] },
    async inflict(stand) {
      process.kill(await stand.sidecar.swarmPid(), 'SIGKILL')
      // Its threads hold the port for a moment longer.
      const taken = await until('the port', () => takePort(OWN_PORT), 900)
      await untilRestarted(stand, 'start_failed', 10_000)
      expect(stand.sidecar.hasLogged('in use')).toBe(true)
      taken.close()
    },
  })
})
