import { expect, test } from 'vitest'
import { startRunningSidecar } from '../support/running-sidecar.ts'
import { webFolder } from '../web-config/guarded-server.ts'

const SUCCESS = 'leanmesh_refresher_success{refresher="web_config"}'
const REFUSED = 'leanmesh_http_refused_total{reason="rate_limit"}'

test('a web config that went bad shows in the metrics until it is good again, and the last good one counts', async () => {
  const { file, write } = await webFolder({
    'web.yaml': 'http_server_config: { headers: { X-Frame-Options: sameorigin } }',
  })
  await using sidecar = await startRunningSidecar({ webConfig: file })
  const frameOptions = async () => (await fetch(`${sidecar.url}healthz`)).headers.get('x-frame-options')
  expect(await sidecar.value(SUCCESS)).toBe(1)
  await write('web.yaml', 'http_server_config: { headers: { X-Frame-Options: any } }')
  expect(await sidecar.value(SUCCESS)).toBe(0)
  expect(await frameOptions()).toBe('sameorigin')
  await write('web.yaml', 'http_server_config: { headers: { X-Frame-Options: deny } }')
  expect(await sidecar.value(SUCCESS)).toBe(1)
  expect(await frameOptions()).toBe('deny')
})

test('what is refused is counted from the start, and absent where nothing is asked of anybody', async () => {
  const { file, write } = await webFolder({ 'web.yaml': 'rate_limit: { interval: 1h, burst: 2 }' })
  await using sidecar = await startRunningSidecar({ webConfig: file })
  expect(await sidecar.value(REFUSED)).toBe(0)
  expect((await fetch(`${sidecar.url}metrics`)).status).toBe(200)
  for (let request = 0; request < 3; request += 1) expect((await fetch(`${sidecar.url}metrics`)).status).toBe(429)
  await write('web.yaml', '{}')
  expect(await sidecar.value(REFUSED)).toBe(3)
  await using open = await startRunningSidecar()
  expect(await open.metrics()).not.toContain('leanmesh_http_refused_total')
})
