/** Faults that mend themselves after a time, to be thrown together at random. */
import { connect, type Socket } from 'node:net'
import { rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Member, namesOf } from './member.ts'
import type { Stand } from './stand.ts'

export interface RandomFault {
  readonly name: string
  /** Fulfils when it is mended. */
  inflict(stand: Stand, random: () => number, lastsMs: number): Promise<void>
}

const DAY_MS = 86_400_000
const MANY_CONNECTIONS = 300

/** At least one. */
function someOf(members: readonly Member[], random: () => number): Member[] {
  const some = members.filter(() => random() < 0.5)
  return some.length > 0 ? some : [...members]
}

/** A process may have been ended by another fault. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone: there is nothing to signal.
  }
}

async function pauseProcess(pid: number, ms: number): Promise<void> {
  signal(pid, 'SIGSTOP')
  await delay(ms)
  signal(pid, 'SIGCONT')
}

async function idleConnections(stand: Stand, ms: number): Promise<void> {
  const { hostname, port } = new URL(stand.sidecar.url)
  const sockets: Socket[] = Array.from({ length: MANY_CONNECTIONS }, () => connect(Number(port), hostname))
  for (const socket of sockets) socket.on('error', () => undefined)
  await delay(ms)
  for (const socket of sockets) socket.destroy()
}

export const RANDOM_FAULTS: readonly RandomFault[] = [
  {
    name: 'child SIGKILL',
    async inflict(stand) {
      for (const pid of stand.sidecar.swarmPids()) signal(pid, 'SIGKILL')
    },
  },
  {
    name: 'child SIGSTOP',
    inflict: async (stand, _, ms) =>
      void (await Promise.all(stand.sidecar.swarmPids().map((pid) => pauseProcess(pid, ms)))),
  },
  { name: 'parent SIGSTOP', inflict: (stand, _, ms) => pauseProcess(stand.sidecar.pid, ms / 2) },
  {
    name: 'peers gone',
    async inflict(stand, random, ms) {
      const some = someOf(stand.members, random)
      await stand.kill(some)
      await delay(ms)
      await stand.comeBack(some)
    },
  },
  {
    name: 'links cut',
    async inflict(stand, random, ms) {
      const some = someOf(stand.members, random)
      stand.setLinks({ isCut: true }, some)
      await delay(ms)
      stand.setLinks({}, some)
    },
  },
  {
    name: 'bad weather',
    async inflict(stand, random, ms) {
      stand.setLinks({ loss: random() / 2, delayMs: random() * 500, reordering: random() / 2 })
      await delay(ms)
      stand.setLinks({})
    },
  },
  {
    name: 'clock step',
    async inflict(stand, random, ms) {
      await stand.stepClock((random() - 0.5) * 2 * DAY_MS)
      await delay(ms)
      await stand.stepClock(0)
    },
  },
  {
    name: 'names file broken',
    async inflict(stand, random, ms) {
      if (random() < 0.5) await rm(stand.namesFile)
      else await writeFile(stand.namesFile, '{"16Uiu2')
      await delay(ms)
      await writeFile(`${stand.namesFile}.new`, namesOf(stand.members))
      await rename(`${stand.namesFile}.new`, stand.namesFile)
    },
  },
  { name: 'idle connections', inflict: (stand, _, ms) => idleConnections(stand, ms) },
]
