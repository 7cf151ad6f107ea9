import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTotalsMemory } from '../../src/channel/changed-totals.ts'
import type { SwarmCommand, SwarmOptions, SwarmReport } from '../../src/channel/messages.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import './compile-cache.ts'
import { snapshotOf } from './network-states.ts'
import { swarmOptions } from './swarm-options.ts'

const ENTRY = fileURLToPath(new URL('../../src/swarm-main.ts', import.meta.url))

export interface SwarmChild extends AsyncDisposable {
  id: string
  /** Where it listens, without `/p2p/`. */
  addresses: string[]
  until(what: string, predicate: (snapshot: Snapshot) => boolean, timeoutMs?: number): Promise<void>
  /** SIGKILL: its connections are not closed. */
  kill(): Promise<void>
}

/** A swarm in a process of its own that a test may kill. Resolves when it listens. */
export async function startSwarmChild(overrides: Partial<SwarmOptions> = {}): Promise<SwarmChild> {
  const child = fork(ENTRY, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const send = (command: SwarmCommand) => child.send(command, () => undefined)
  const allTotals = createTotalsMemory()
  let last = snapshotOf()
  const watchers = new Set<() => void>()
  child.on('message', (report: SwarmReport) => {
    if (report.type === 'booted') send({ type: 'start', networkId: '0', options: swarmOptions(overrides), names: [] })
    if (report.type === 'snapshot') last = { ...report.snapshot, totals: allTotals(report.snapshot.totals) }
    for (const watcher of watchers) watcher()
  })
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const until = async (what: string, predicate: (snapshot: Snapshot) => boolean, timeoutMs = 10_000) => {
    const found = Promise.withResolvers<void>()
    const watcher = () => void (predicate(last) && found.resolve())
    const { topics, connectedPeers } = last
    const late = () => found.reject(new Error(`not ${what} in time: ${JSON.stringify({ topics, connectedPeers })}`))
    const timer = setTimeout(late, timeoutMs)
    watchers.add(watcher)
    watcher()
    await found.promise.finally(() => {
      clearTimeout(timer)
      watchers.delete(watcher)
    })
  }
  try {
    await until('listening', ({ peerId }) => peerId !== snapshotOf().peerId)
  } catch (error) {
    await kill()
    throw error
  }
  const addresses = last.listenAddresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
  return { id: last.peerId, addresses, until, kill, [Symbol.asyncDispose]: kill }
}
