import { readdirSync, readFileSync } from 'node:fs'
import { sum } from './statistics.ts'

/** Memory of one process, in MiB. */
export interface Memory {
  rss: number
  /** Pages that several processes share count in part: those of several processes add up. */
  pss: number
  /** Heap and stacks: what is not backed by a file. */
  anonymous: number
}

const TICKS_PER_SECOND = 100

/** Reads /proc/<pid>/smaps_rollup. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mebibytes = (field: string) => Number(new RegExp(`^${field}: +([0-9]+) kB`, 'm').exec(text)?.[1]) / 1024
  return { rss: mebibytes('Rss'), pss: mebibytes('Pss'), anonymous: mebibytes('Anonymous') }
}

/** User and system time since the process started, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = statFields(pid).slice(11, 13)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/** Of all threads that are alive, to the nanosecond, in seconds: of a process whose threads stay. */
export function threadSecondsOf(pid: number): number {
  const folder = `/proc/${pid}/task`
  return sum(
    readdirSync(folder).map((thread) => {
      const [nanoseconds] = readThread(`${folder}/${thread}/schedstat`).split(' ')
      return Number(nanoseconds) / 1e9
    }),
  )
}

/** Nothing of one that ended since it was listed. */
function readThread(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '0'
  }
}

/** The direct children of a process. */
export function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))
  return all.map(Number).filter((candidate) => parentOf(candidate) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(statFields(pid)[1])
  } catch {
    return undefined
  }
}

/** From the state on: the name before it may hold spaces. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
