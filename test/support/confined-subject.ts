/** Run by the test of confinement in a confined process: tries what it must not be able to do, and tells what came of it. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { compressSync } from 'snappy'

/* oxlint-disable eslint/no-eval, eslint/no-new-func, eslint/no-proto, typescript/no-implied-eval -- that they fail is what is tested */
const attempts: Record<string, () => unknown> = {
  'start a process': () => spawnSync(process.execPath, ['--version']),
  'start a worker': () => new Worker('', { eval: true }),
  'write a file': () => writeFileSync('/tmp/leanmesh-confined', ''),
  'remove a file': () => rmSync('/tmp/leanmesh-confined'),
  'read a file of others': () => readFileSync('/etc/hostname'),
  'read its environment file': () => readFileSync('/proc/self/environ'),
  'make code of text': () => new Function('return 1')(),
  'evaluate text': () => globalThis.eval('1'),
  'reach a prototype by name': () => (({}) as { __proto__?: object }).__proto__?.constructor.name ?? refuse(),
  'use a native addon': () => compressSync('a'),
  'read its own code': () => readFileSync(import.meta.filename),
}

function refuse(): never {
  throw new Error('there is none')
}

function outcome(attempt: () => unknown): string {
  try {
    attempt()
    return 'done'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).name
  }
}

process.send?.(Object.fromEntries(Object.entries(attempts).map(([what, attempt]) => [what, outcome(attempt)])))
