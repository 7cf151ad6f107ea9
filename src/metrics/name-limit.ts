import type { Names } from '../mesh/names.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import type { RejectReason } from './sidecar-rows.ts'

/**
 * At most this many different names become series while the sidecar runs. The SDK keeps every label set that it ever
 * saw, so what bounds its memory is the number of names over time, not the size of one table.
 */
export const MAX_NAMES_OVER_TIME = 16_384

/** Passes a table on with the names that fit. The peers of the others count as unknown, so that no peer is lost. */
export function createNameLimit(
  reject: (reason: RejectReason) => void,
  limit = MAX_NAMES_OVER_TIME,
): (names: Names | undefined) => Names | undefined {
  const admitted = new Set<string>()

  function admits(name: string): boolean {
    if (admitted.size < limit) admitted.add(name)
    const fits = admitted.has(name)
    if (!fits) reject('limit')
    return fits
  }

  return (names) => {
    if (names === undefined) return undefined
    const fitting = new Map<PeerIdString, string>()
    for (const [peer, name] of names) if (admits(name)) fitting.set(peer, name)
    return fitting
  }
}
