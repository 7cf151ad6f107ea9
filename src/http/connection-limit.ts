import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connectionKey } from './connection-key.ts'

interface Held {
  readonly socket: Socket
  /** Requests that are being answered. */
  underWay: number
  hasAsked: boolean
}

/**
 * Holds at most so many connections, and makes room for each new one: those that have asked nothing yet go first, the oldest
 * of them at once, and then those that ask nothing now. So connections that say nothing, or one byte at a time, lock no scraper
 * out, and one that a scraper keeps stays. Only where every other one is being answered, the new one is closed.
 *
 * @param onClosed told of each that was closed
 */
export function limitConnections(server: Server, max: number, onClosed: () => void): void {
  const held = new Map<string, Held>()
  server.on('connection', (socket) => {
    const key = connectionKey(socket)
    const added = { socket, underWay: 0, hasAsked: false }
    held.set(key, added)
    socket.once('close', () => held.get(key) === added && held.delete(key))
    if (held.size <= max) return
    const [leaverKey, leaver] = leaverOf(held, added) ?? [key, added]
    // Its own close comes later, and until then the next one would be chosen for it.
    held.delete(leaverKey)
    leaver.socket.destroy()
    onClosed()
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const key = connectionKey(socket)
    const one = held.get(key)
    if (!one) return
    one.underWay += 1
    one.hasAsked = true
    response.once('close', () => {
      one.underWay -= 1
      // Behind those that have been idle for longer.
      if (held.delete(key)) held.set(key, one)
    })
  })
}

function leaverOf(held: ReadonlyMap<string, Held>, added: Held): [key: string, leaver: Held] | undefined {
  let idle: [string, Held] | undefined
  for (const entry of held) {
    const [, one] = entry
    if (one === added || one.underWay > 0) continue
    if (!one.hasAsked) return entry
    idle ??= entry
  }
  return idle
}
