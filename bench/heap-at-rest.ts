/**
 * When V8 gives back what a load made it take, libp2p and the sidecar left out. The least that shows why a swarm holds more for two minutes
 * after a load.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeResults } from './support/results.ts'
import { figure, printTable } from './support/table.ts'

/** It takes 105, so that there is no quick form. */
const SECONDS = 130
const SUBJECT = join(import.meta.dirname, 'heap-at-rest-subject.ts')

interface Sample {
  second: number
  heapTotal: number
  heapUsed: number
}

/** The last is how V8 is told that memory matters more, which it asks for beside how little is allocated. */
const CASES = { 'Node as it is': [], '--optimize-for-size': ['--optimize-for-size'] }

async function measure(flags: readonly string[]) {
  const args = [...flags, '--trace-memory-reducer', '--trace-mutator-utilization', SUBJECT, String(SECONDS)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
  const lines = stdout.split('\n')
  const samples = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Sample)
  const traced = (what: RegExp) => lines.map((line) => what.exec(line)?.[1]).filter((text) => text !== undefined)
  return {
    samples,
    /** Of each kind of allocation the last: above 0.993 V8 takes it for low, and all have to be. */
    utilization: ['Young generation', 'Old generation', 'Embedder'].map((kind) =>
      Number(traced(new RegExp(`${kind} mutator utilization = ([0-9.]+)`)).at(-1)),
    ),
    /** Seconds from the start to its first collection. */
    startedAfter: Number(traced(/([0-9]+) ms: Memory reducer: started GC #1/)[0]) / 1000,
  }
}

const results = await Promise.all(
  Object.entries(CASES).map(async ([flags, list]) => ({ flags, ...(await measure(list)) })),
)
const mebibytes = (bytes = Number.NaN) => figure(bytes / 2 ** 20)
printTable(
  `A heap of which nothing is used any more, ${SECONDS} s`,
  results.map(({ flags, samples, utilization, startedAfter }) => ({
    flags,
    'MiB at first': mebibytes(samples[0]?.heapTotal),
    'MiB at last': mebibytes(samples.at(-1)?.heapTotal),
    'of it used': mebibytes(samples.at(-1)?.heapUsed),
    'young, old, embedder': utilization.map((value) => figure(value, 3)).join(', '),
    'reducer after s': figure(startedAfter),
  })),
)
writeResults('heap-at-rest', { results })
