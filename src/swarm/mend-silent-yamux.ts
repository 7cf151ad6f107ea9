/** How often all connections are looked at, in milliseconds. */
const CHECK_INTERVAL_MS = 5000
/** Checks in a row without anything from the peer. Counted, so that a pause of this process is none of the peer's. */
const SILENT_CHECKS = 4

/** The part of js yamux's muxer that is used. */
interface Pinger {
  ping(): Promise<unknown>
  onData(data: unknown): void
}

/** The part of the connection under it. */
export interface SilentConnection {
  addEventListener(event: 'close', listener: () => void): void
  abort(error: Error): void
}

/**
 * js yamux 8 pings its peer, and does nothing when no answer comes: a peer that the network lost without a word stays in the
 * mesh for as long as the kernel repeats what it sends, a quarter of an hour. Here a connection over which nothing came for 20 s ends.
 * Who said something since the last check is not asked for more, and all are looked at together: a process that has nothing to do
 * is woken once, and not by each of its connections. What js yamux pings of itself, at once and each 30 s, tells it the time of a
 * round trip, without which it never lets its windows grow.
 *
 * @returns what takes the muxer of a connection, and throws an Error when one of this js yamux has no ping: then this piece has to
 *   be looked at again
 */
export function createSilenceWatch(): (muxer: object, connection: SilentConnection) => void {
  const checks = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  return (muxer, connection) => {
    if (!isPinger(muxer)) throw new Error('this yamux does not ping')
    let silentChecks = 0
    const end = () => {
      checks.delete(check)
      if (checks.size === 0) clearInterval(timer)
    }
    const check = () => {
      silentChecks += 1
      if (silentChecks > SILENT_CHECKS) {
        end()
        const silentSeconds = (SILENT_CHECKS * CHECK_INTERVAL_MS) / 1000
        connection.abort(new DOMException(`nothing came for ${silentSeconds} s`, 'TimeoutError'))
      } else if (silentChecks > 1) {
        // One that is under way is not repeated; that nothing came is seen here.
        muxer.ping().catch(() => undefined)
      }
    }
    if (checks.size === 0) timer = setInterval(() => checks.forEach((each) => each()), CHECK_INTERVAL_MS).unref()
    checks.add(check)
    const onData = muxer.onData.bind(muxer)
    muxer.onData = (data) => {
      silentChecks = 0
      onData(data)
    }
    connection.addEventListener('close', end)
  }
}

function isPinger(muxer: object): muxer is Pinger {
  return ['ping', 'onData'].every((method) => typeof Reflect.get(muxer, method) === 'function')
}
