/** The real Prometheus itself: if this fails, no other test against it means anything. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startPrometheus } from '../support/prometheus.ts'

test('Prometheus scrapes a page, adds the labels of the job, and ends the series when the page is gone', async () => {
  const page = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end('# TYPE answers gauge\nanswers{job="own"} 42\n')
  }).listen(0, '127.0.0.1')
  await once(page, 'listening')
  const { port } = page.address() as AddressInfo
  const options = { scrapeUrl: `http://127.0.0.1:${port}/metrics`, job: 'page', labels: { network: 'test' } }
  await using prometheus = await startPrometheus(options)
  const samples = await prometheus.waitForQuery('answers', ({ length }) => length > 0)
  const labels = { job: 'page', instance: `127.0.0.1:${port}`, network: 'test', exported_job: 'own' }
  expect(samples).toEqual([{ metric: { __name__: 'answers', ...labels }, value: 42 }])
  page.closeAllConnections()
  page.close()
  await prometheus.waitForQuery('answers', ({ length }) => length === 0)
  expect(await prometheus.query('scalar(up)')).toEqual([{ metric: {}, value: 0 }])
})

test('A Prometheus that cannot start says why', async () => {
  const flags = ['--no-such-flag']
  await expect(startPrometheus({ flags })).rejects.toThrow(/unknown long flag '--no-such-flag'/)
})
