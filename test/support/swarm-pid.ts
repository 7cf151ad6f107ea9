import { readdir, readFile } from 'node:fs/promises'

/** The one child of this process that runs a swarm. */
export async function swarmPid(): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    const parent = status.slice(status.lastIndexOf(')') + 2).split(' ')[1]
    if (command.includes('swarm-main') && parent === String(process.pid)) return Number(entry)
  }
  throw new Error('no swarm process')
}
