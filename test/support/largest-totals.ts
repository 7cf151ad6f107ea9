import { createTotals } from '../../src/measure/totals.ts'
import { MAX_NAME_LENGTH, MAX_NAMES } from '../../src/mesh/names.ts'
import type { Total } from '../../src/mesh/totals.ts'

/** Topics that a network may have. */
const MAX_TOPICS = 128

/**
 * All that a swarm counts when it has met every peer of a whole table of the longest names, and something has happened in as many topics as
 * there may be.
 *
 * @param letter that the names are of
 */
export function largestTotals(letter = 'z'): Total[] {
  const topics = Array.from(
    { length: MAX_TOPICS },
    (_, index) => `/leanconsensus/12345678/attestation_${index}/ssz_snappy`,
  )
  const totals = createTotals(topics)
  for (let index = 0; index < MAX_NAMES; index++) totals.addClient(`_${index}`.padStart(MAX_NAME_LENGTH, letter))
  for (const topic of topics) {
    for (const reason of ['by_peer', 'by_us']) totals.counter('leanmesh_mesh_grafts_total', { topic, reason }).value++
    for (const reason of ['by_peer', 'by_us', 'disconnected', 'unsubscribed']) {
      totals.counter('leanmesh_mesh_prunes_total', { topic, reason }).value++
    }
  }
  return totals.read()
}
