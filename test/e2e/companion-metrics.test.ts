/** A companion's own metrics in the scrape of a sidecar, whatever the companion does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serveMetrics, serveText } from '../support/metrics-server.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

const ZEAM = readFileSync(join(import.meta.dirname, '../fixtures/client-metrics/zeam.txt'))
const success = 'leanmesh_refresher_success{refresher="companion_metrics:0"}'
const REPORTED = 'leanmesh_companion_reported_mesh_peers'
const CONFORMANCE = 'leanmesh_companion_metric_conformance'

test('what the companion reports of its mesh, and how each metric follows leanMetrics, is in the scrape', async () => {
  await using companion = await serveText(ZEAM)
  await using sidecar = await startRunningSidecar({ companionMetrics: companion.url })
  const text = await sidecar.waitForMetrics((metrics) => metrics.includes(`\n${REPORTED}{`))
  expect(text).toMatch(/^leanmesh_companion_reported_mesh_peers\{definition="sum",network_id="0"\} \d+$/m)
  expect(text).toMatch(
    /^leanmesh_companion_metric_conformance\{metric="lean_gossip_mesh_peers",network_id="0"\} [01]$/m,
  )
  expect(text).toContain(`${success} 1\n`)
})

test('a companion that never answers makes no scrape slower, and has no series', async () => {
  let asked = 0
  await using companion = await serveMetrics(() => void asked++)
  await using sidecar = await startRunningSidecar({ companionMetrics: companion.url })
  await sidecar.waitForMetrics((metrics) => metrics.includes('lean_gossip_mesh_running{network_id="0"} 1\n'))
  const durations: number[] = []
  const text = await sidecar.waitForMetrics((metrics) => {
    const [, seconds = ''] = /refresher_duration_seconds\{refresher="companion_metrics:0"\} (\S+)/.exec(metrics) ?? []
    durations.push(Number(seconds))
    return metrics.includes(`${success} 0\n`)
  })
  expect(Math.max(...durations)).toBeLessThan(0.1)
  expect(text).not.toContain(`\n${REPORTED}{`)
  expect(text).not.toContain(`\n${CONFORMANCE}{`)
  expect(asked).toBe(1)
  const page = await (await fetch(sidecar.url)).text()
  expect(page).toContain('companion_metrics:0')
  expect(page).toContain('did not finish its answer within 2 s')
})

test('without the setting nothing is read, and there are no series', async () => {
  await using sidecar = await startRunningSidecar()
  expect(await sidecar.metrics()).not.toMatch(/companion_(metric_conformance|reported|metrics)/)
})
