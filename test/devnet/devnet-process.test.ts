import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { startDevnet } from '../../src/devnet/devnet-process.ts'
import { childPids } from '../support/child-processes.ts'
import '../support/compile-cache.ts'
import { BLOCK } from '../support/network-states.ts'

/** Whether a process handles a signal itself; what it does not handle ends it. */
function handles(pid: number, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
}

it('a devnet outlives the signals that a whole process group gets, and ends when it is stopped, also while it stands still', async () => {
  const devnet = await startDevnet({ size: 1, topics: [BLOCK], maxMessageBytes: 1_000_000 })
  try {
    const [pid = 0] = childPids()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) expect(handles(pid, signal), signal).toBe(true)
    process.kill(pid, 'SIGSTOP')
  } finally {
    await devnet.stop()
  }
  expect(childPids()).toEqual([])
})
