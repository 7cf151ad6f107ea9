import { readdirSync, readFileSync } from 'node:fs'

/** The processes whose parent is this one, zombies not counted. */
export function childPids(parent = process.pid): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))
  return pids.filter((pid) => statOf(pid)?.parent === parent).map(Number)
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  return statOf(String(pid)) !== undefined
}

function statOf(pid: string): { parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name before it is in parentheses and may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? undefined : { parent: Number(parent) }
  } catch {
    return undefined
  }
}
