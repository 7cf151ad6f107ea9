/** How often an answer is asked for, in milliseconds. */
const PING_INTERVAL_MS = 5000
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
 *
 * @throws Error when a muxer of this js yamux has no ping: then this piece has to be looked at again
 */
export function endWhenSilent(muxer: object, connection: SilentConnection): void {
  if (!isPinger(muxer)) throw new Error('this yamux does not ping')
  let silentChecks = 0
  const timer = setInterval(() => {
    silentChecks += 1
    if (silentChecks > SILENT_CHECKS) {
      clearInterval(timer)
      connection.abort(
        new DOMException(`nothing came for ${(SILENT_CHECKS * PING_INTERVAL_MS) / 1000} s`, 'TimeoutError'),
      )
      return
    }
    // One that is under way is not repeated; that nothing came is seen here.
    muxer.ping().catch(() => undefined)
  }, PING_INTERVAL_MS)
  timer.unref()
  const onData = muxer.onData.bind(muxer)
  muxer.onData = (data) => {
    silentChecks = 0
    onData(data)
  }
  connection.addEventListener('close', () => clearInterval(timer))
}

function isPinger(muxer: object): muxer is Pinger {
  return ['ping', 'onData'].every((method) => typeof Reflect.get(muxer, method) === 'function')
}
