import type { Names } from '../mesh/names.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'

/**
 * At most this many different names become series while the sidecar runs. The SDK keeps every label set that it ever
 * saw, so what bounds its memory is the number of names over time, not the size of one table.
 */
export const MAX_NAMES_OVER_TIME = 16_384

/**
 * Passes a table on with the names that fit, and tells `onExcess` of each other one. Their peers count as unknown, so that
 * no peer is lost.
 */
export function createNameLimit(
  limit = MAX_NAMES_OVER_TIME,
): (names: Names | undefined, onExcess?: () => void) => Names | undefined {
  const admitted = new Set<string>()

  function admits(name: string): boolean {
    if (admitted.size < limit) admitted.add(name)
    return admitted.has(name)
  }

  return (names, onExcess = () => undefined) => {
    if (names === undefined) return undefined
    const fitting = new Map<PeerIdString, string>()
    for (const [peer, name] of names) {
      if (admits(name)) fitting.set(peer, name)
      else onExcess()
    }
    return fitting
  }
}
