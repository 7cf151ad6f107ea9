import { distinctMeshPeers } from '../mesh/counting.ts'
import { type NetworkState, topicMeshes } from '../mesh/network-state.ts'
import { count } from '../verdict/cause.ts'
import { type Output, terminalText } from './io.ts'

const INTERVAL_MS = 250
const ERASE_LINE = '\r\u001B[2K'
const MS_PER_SECOND = 1000

/** What one waits for, on one line. */
export function progressText(states: readonly NetworkState[], elapsedMs: number): string {
  const parts = states.map((state) => {
    const { networkId, phase, snapshot, lastError } = state
    const prefix = states.length > 1 ? `${networkId}: ` : ''
    if (!snapshot) return `${prefix}${phase}${lastError === undefined ? '' : ` (${lastError})`}`
    const targets = snapshot.targets.filter((target) => target.phase !== 'self')
    const connected = targets.filter((target) => target.phase === 'connected').length
    const others = snapshot.connectedPeers.length - connected
    const inbound = others > 0 ? `, ${others} more connected` : ''
    const error = targets.find((target) => target.lastError !== undefined)?.lastError
    const why = connected === 0 && error !== undefined ? ` (${error})` : ''
    return `${prefix}${connected} of ${targets.length} configured peers connected${inbound}, none in the mesh yet${why}`
  })
  return `waiting for the mesh, ${Math.round(elapsedMs / MS_PER_SECOND)} s: ${parts.join('; ')}`
}

export interface Progress {
  /** What has to stand in front of any other line, so that it does not begin behind the progress line. */
  readonly erase: string
  start(states: () => NetworkState[]): void
  stop(): void
}

/** A line on a terminal that says what is waited for until there is a mesh; elsewhere nothing. */
export function createProgress(output: Output): Progress {
  if (output.isTTY !== true) return { erase: '', start: () => undefined, stop: () => undefined }
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    if (timer) output.write(ERASE_LINE)
    clearInterval(timer)
    timer = undefined
  }
  return {
    erase: ERASE_LINE,
    start(states) {
      const startedAt = performance.now()
      timer = setInterval(() => {
        const elapsedMs = performance.now() - startedAt
        const peers = states().reduce((sum, state) => sum + distinctMeshPeers(topicMeshes(state)).size, 0)
        if (peers > 0) {
          stop()
          output.write(
            `first mesh after ${(elapsedMs / MS_PER_SECOND).toFixed(1)} s: ${count(peers, 'peer')} in the mesh\n`,
          )
          return
        }
        const text = terminalText(progressText(states(), elapsedMs)).replaceAll('\n', ' ')
        output.write(`${ERASE_LINE}${text.slice(0, (output.columns ?? 80) - 1)}`)
      }, INTERVAL_MS)
    },
    stop,
  }
}
