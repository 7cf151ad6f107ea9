import { expect, test } from 'vitest'
import { startPrometheus } from '../support/prometheus.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

test('Prometheus takes what is pushed under the names of the scrape, and sees that the sidecar has stopped', async () => {
  await using prometheus = await startPrometheus({ flags: ['--web.enable-otlp-receiver'] })
  const sidecar = await startRunningSidecar({ otlpUrl: `${prometheus.url}/api/v1/otlp/v1/metrics` })
  await prometheus.waitForQuery('lean_gossip_mesh_running == 1', (samples) => samples.length === 1)
  const [peers] = await prometheus.query('lean_gossip_mesh_peers')
  expect(peers).toMatchObject({ metric: { job: 'leanmesh' }, value: 0 })
  expect(await prometheus.query('leanmesh_dials_total{result="success"}')).toHaveLength(1)
  await sidecar.stop()
  await prometheus.waitForQuery('lean_gossip_mesh_running == 0', (samples) => samples.length === 1)
})
