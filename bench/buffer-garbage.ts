/**
 * What V8 does about buffers that are in use for milliseconds, libp2p and the sidecar left out. The least that shows why a swarm is given
 * the flags that it is given.
 */
import { swarmV8Flags } from '../src/networks/swarm-process.ts'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'

const BURSTS = isQuick ? 20 : 80

interface Garbage {
  cpuMs: number
  scavenges: number
  wholeHeap: number
  rssMiB: number
  heapObjects: number
}

/** Another V8 knows less, and is given that. */
const CASES = {
  'Node as it is': [],
  'a swarm of another V8': swarmV8Flags('another'),
  'a swarm': swarmV8Flags(),
}

async function measure(flags: readonly string[]): Promise<Garbage> {
  await using subject = await startSubject({ entry: 'buffer-garbage-subject.ts', args: [], execArgv: flags })
  await subject.ask({ bursts: 10 })
  return await subject.ask<Garbage>({ bursts: BURSTS })
}

const results: (Garbage & { flags: string })[] = []
for (const [flags, list] of Object.entries(CASES)) results.push({ flags, ...(await measure(list)) })
printTable(
  'A block in buffers of 63 KiB, without its bytes being sent',
  results.map(({ flags, cpuMs, scavenges, wholeHeap, rssMiB }) => ({
    flags,
    'CPU ms a burst': figure(cpuMs, 1),
    'young generation': figure(scavenges, 1),
    'whole heap': figure(wholeHeap, 2),
    'resident MiB': figure(rssMiB),
  })),
)
writeResults('buffer-garbage', { quick: isQuick, results })
