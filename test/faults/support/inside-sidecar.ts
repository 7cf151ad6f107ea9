/**
 * Loaded into the sidecar and its swarms before their own code, so that a test can do from outside what an operating system
 * does not offer: at SIGUSR2 a process collects its garbage, tells how many timers it has, and sets its wall clock off by the
 * milliseconds in a file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reachableHeapBytes } from '../../support/collect-garbage.ts'

const folder = process.env['TEST_FOLDER'] ?? import.meta.dirname
const RealDate = Date

// A swarm may read no more than its own code and write nothing: it has to be allowed this file, and to tell.
if (!process.execArgv.includes('--permission')) {
  const tests = join(import.meta.dirname, '../..')
  process.env['NODE_OPTIONS'] =
    `--import ${import.meta.filename} --allow-fs-read=${tests} --allow-fs-read=${folder} --allow-fs-write=${folder}`
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
