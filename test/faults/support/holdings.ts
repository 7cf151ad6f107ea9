import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds of its host. */
export interface Holdings {
  /** Heaps and stacks, in MiB: what is of no file and of no other process. */
  readonly memoryMiB: number
  /** Open file descriptors. */
  readonly handles: number
  readonly threads: number
}

/** @throws Error when the process has ended */
export function holdingsOf(pid: number): Holdings {
  const kibibytes = /^Anonymous: +([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return {
    memoryMiB: Number(kibibytes) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  }
}
