import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds of its host. */
export interface Holdings {
  /** Proportional set size, in MiB: shared pages count in part. */
  readonly memoryMiB: number
  /** Open file descriptors. */
  readonly handles: number
  readonly threads: number
}

/** @throws Error when the process has ended */
export function holdingsOf(pid: number): Holdings {
  const kibibytes = /^Pss: +([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return {
    memoryMiB: Number(kibibytes) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  }
}
