import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface OpenSocket {
  protocol: 'tcp' | 'udp'
  /** As the kernel has it: `127.0.0.1`, `0.0.0.0`, or 32 hex digits of IPv6. */
  host: string
  port: number
}

const LISTENING = '0A'

/** What a process can be reached at from outside: its TCP sockets that listen, and all its UDP sockets. */
export function reachableSockets(pid: number): OpenSocket[] {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1]))
  return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) => {
    const protocol = table.startsWith('tcp') ? 'tcp' : 'udp'
    const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1)
    const rows = lines.map((line) => line.trim().split(/\s+/))
    const own = rows.filter((row) => inodes.has(row[9]) && (protocol === 'udp' || row[3] === LISTENING))
    return own.map((row) => ({ protocol, ...addressOf(row[1] ?? '') }))
  })
}

/** Gone when the file was closed in between. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}

/** `0100007F:1F90` is 127.0.0.1:8080: the bytes of an IPv4 address stand in the order of the processor. */
function addressOf(text: string): { host: string; port: number } {
  const [address = '', port = ''] = text.split(':')
  const host = address.length === 8 ? [...Buffer.from(address, 'hex')].toReversed().join('.') : address
  return { host, port: Number.parseInt(port, 16) }
}
