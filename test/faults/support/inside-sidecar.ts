/**
 * Loaded into the sidecar and its swarms before their own code, so that a test can do from outside what an operating system
 * does not offer: at SIGUSR2 a process collects its garbage, tells how many timers it has, and sets its wall clock off by the
 * milliseconds in a file.
 */
import childProcess, { type ForkOptions } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { reachableHeapBytes } from '../../support/collect-garbage.ts'

const folder = process.env['TEST_FOLDER'] ?? import.meta.dirname
const RealDate = Date

// A swarm may read no more than its own code and write nothing, and gets no such leave from outside: it has to be allowed
// this file, and to tell, where it is started.
if (!process.execArgv.includes('--permission')) {
  const tests = join(import.meta.dirname, '../..')
  const leave = ['--import', import.meta.filename, `--allow-fs-read=${tests}`, `--allow-fs-read=${folder}`]
  const { fork } = childProcess
  childProcess.fork = ((path: string, args: string[], options: ForkOptions) => {
    const execArgv = [...(options.execArgv ?? []), ...leave, `--allow-fs-write=${folder}`]
    return fork(path, args, { ...options, execArgv })
  }) as typeof fork
  syncBuiltinESMExports()
}
let offMs = readOffset()

function readOffset(): number {
  try {
    return Number(readFileSync(join(folder, 'clock'), 'utf8'))
  } catch {
    return 0
  }
}

function tellTimers(): void {
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  try {
    writeFileSync(join(folder, `${process.pid}.timers`), String(timers))
  } catch {
    // The file system may be read-only.
  }
}

class SteppedDate extends RealDate {
  constructor(...parts: [] | [value: number | string | Date]) {
    super(...((parts.length === 0 ? [SteppedDate.now()] : parts) as [number]))
  }

  static override now(): number {
    return RealDate.now() + offMs
  }
}

globalThis.Date = SteppedDate as DateConstructor
process.on('SIGUSR2', () => {
  offMs = readOffset()
  reachableHeapBytes()
  tellTimers()
})
