import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join, relative } from 'node:path'

const FOLDER = join(import.meta.dirname, '../results')

/** Writes `bench/results/<name>.json`: the figures, and where they were measured. */
export function writeResults(name: string, figures: object): void {
  const path = join(FOLDER, `${name}.json`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(path, `${JSON.stringify({ measuredOn: machine(), ...figures }, null, 2)}\n`)
  console.log(`\nwritten to ${relative(process.cwd(), path)}`)
}

/** The load average tells whether somebody else was at work. */
function machine(): object {
  return {
    at: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
  }
}
