/** Files that a sidecar reads again while it runs. */
import { rename, writeFile } from 'node:fs/promises'
import { until } from './sidecar-process.ts'
import type { Stand } from './stand.ts'

/** How soon a change has to be noticed by a sidecar that is scraped. */
export const NOTICED_MS = 3000

export async function replaceText(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

export async function untilRefresher(stand: Stand, refresher: string, success: 0 | 1): Promise<void> {
  const look = async () =>
    (await stand.scrape()).value('leanmesh_refresher_success', { refresher }) === success ? true : undefined
  await until(`leanmesh_refresher_success{refresher="${refresher}"} ${success}`, look, NOTICED_MS)
}
