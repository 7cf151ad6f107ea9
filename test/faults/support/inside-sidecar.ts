/**
 * Loaded into the sidecar and its swarms before their own code, so that a test can do from outside what an operating system
 * does not offer: at SIGUSR2 a process collects its garbage, and sets its wall clock off by the milliseconds in a file.
 */
import { readFileSync } from 'node:fs'
import { reachableHeapBytes } from '../../support/collect-garbage.ts'

const file = process.env['TEST_CLOCK_FILE'] ?? ''
const RealDate = Date
let offMs = readOffset()

function readOffset(): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
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
  void reachableHeapBytes()
})
