import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** In bytes. */
export interface CgroupMemory {
  limit: number
  used: number
  /** The most that it used so far. */
  peak: number
}

const FILES = {
  1: ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.max_usage_in_bytes'],
  2: ['memory.max', 'memory.current', 'memory.peak'],
} as const

/** The memory of a process's control group, under whichever version of them the machine has. */
export async function cgroupMemory(pid: number): Promise<CgroupMemory> {
  const folder = await memoryCgroup(pid)
  const read = async (file: string) => Number(await readFile(join(folder.path, file), 'utf8'))
  const [limit = NaN, used = NaN, peak = NaN] = await Promise.all(FILES[folder.version].map(read))
  return { limit, used, peak }
}

async function memoryCgroup(pid: number): Promise<{ path: string; version: 1 | 2 }> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n')
  const entries = lines.map((line) => line.split(':') as [string, string, string])
  const first = entries.find(([, controllers]) => controllers.split(',').includes('memory'))
  if (first !== undefined) return { path: join('/sys/fs/cgroup/memory', first[2]), version: 1 }
  const unified = entries.find(([id]) => id === '0')?.[2] ?? '/'
  return { path: join('/sys/fs/cgroup', unified), version: 2 }
}
