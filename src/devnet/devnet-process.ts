import { type ChildProcess, fork } from 'node:child_process'
import { errorText, LeanmeshError } from '../errors.ts'
import { childEntry } from '../lifecycle/child-entry.ts'
import { confinedArguments, confinedEnvironment } from '../lifecycle/confined-child.ts'
import { settleWithin } from '../lifecycle/deadline.ts'
import type { DevnetNetworkOptions, DevnetPeer } from './devnet-network.ts'

const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 1500

export type DevnetReport = { type: 'booted' } | { type: 'ready'; peers: DevnetPeer[] }
export type DevnetCommand = { type: 'start'; options: DevnetNetworkOptions } | { type: 'stop' }

export interface Devnet {
  peers: DevnetPeer[]
  stop(): Promise<void>
}

/**
 * Starts the devnet in a process of its own, so that its load is not counted as the sidecar's.
 *
 * @throws LeanmeshError when it does not start
 */
export async function startDevnet(options: DevnetNetworkOptions): Promise<Devnet> {
  const entry = childEntry('../devnet-main', import.meta.url)
  const child = fork(entry, [], {
    execArgv: confinedArguments(entry),
    env: confinedEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = ended(child)
  const stop = async () => {
    if (child.connected) child.send({ type: 'stop' } satisfies DevnetCommand, () => undefined)
    if (!(await settleWithin(exited, STOP_DEADLINE_MS))) child.kill('SIGKILL')
    await exited
  }
  try {
    return { peers: await ready(child, options), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Fulfils when the process has ended, or when there is none: then there will be no exit. */
async function ended(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.on('error', () => {
    if (child.pid === undefined) resolve()
  })
  await promise
}

async function ready(child: ChildProcess, options: DevnetNetworkOptions): Promise<DevnetPeer[]> {
  const result = Promise.withResolvers<DevnetPeer[]>()
  const fail = (why: string) => result.reject(new LeanmeshError('ERR_DEVNET_START', `the devnet did not start: ${why}`))
  child.on('message', (report: DevnetReport) => {
    if (report.type === 'ready') result.resolve(report.peers)
    else child.send({ type: 'start', options } satisfies DevnetCommand, () => undefined)
  })
  child.once('error', (error) => fail(errorText(error)))
  child.once('exit', (code) => fail(`its process exited with code ${code}`))
  const timer = setTimeout(() => fail(`not ready within ${START_DEADLINE_MS / 1000} s`), START_DEADLINE_MS)
  return result.promise.finally(() => clearTimeout(timer))
}
