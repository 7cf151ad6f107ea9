import type { RefresherStatus } from './refreshers.ts'
import { sample, type Sample } from './sample.ts'

/** How the refreshers of this scrape went. */
export function refresherSamples(statuses: readonly RefresherStatus[]): Sample[] {
  return statuses.flatMap(({ name, durationSeconds, succeeded }) => [
    sample('leanmesh_refresher_duration_seconds', { refresher: name }, durationSeconds),
    sample('leanmesh_refresher_success', { refresher: name }, succeeded ? 1 : 0),
  ])
}
