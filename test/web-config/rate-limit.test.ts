import { expect, test } from 'vitest'
import { ask, guardedServer } from './guarded-server.ts'

const RATE = 'rate_limit: { interval: 1h, burst: 2 }\n'

test('a change of something else does not give anybody a burst anew', async () => {
  const { url, write } = await guardedServer({ 'web.yaml': RATE })
  for (const status of [200, 200, 429]) expect((await ask(url)).status).toBe(status)
  await write('web.yaml', `${RATE}http_server_config: { headers: { X-Frame-Options: sameorigin } }\n`)
  expect(await ask(url)).toMatchObject({ status: 429, headers: { 'x-frame-options': 'sameorigin' } })
  await write('web.yaml', 'rate_limit: { interval: 1h, burst: 3 }\n')
  expect((await ask(url)).status).toBe(200)
})
